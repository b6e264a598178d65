import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import type { Module } from '../../layers/module.js';
import { withMode } from '../../layers/withMode.js';
import { mul } from '../../tensor/ops/math/mul.js';
import { sum } from '../../tensor/ops/math/sum.js';
import { Tape } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { layerNamed, watchingLayers } from '../layers.js';

/** Options of `maximizeActivation`. */
export interface MaximizeActivationOptions {
  /** The layer, as in `model.namedModules()`. Default: the logits. */
  layer?: string | undefined;
  /** The number of the channel, or of the class. Default 0. */
  channel?: number | undefined;
  /** Steps uphill. Default 128. */
  steps?: number | undefined;
  /** Deviations of the picture's values that a step adds. Default 0.05. */
  stepSize?: number | undefined;
  /** Pixels by which the picture is shifted at random before each step, so that the result has no fine patterns. Default 4. */
  jitter?: number | undefined;
  /** The same seed gives the same picture. Default 'activation'. */
  seed?: string | undefined;
}

/** What `maximizeActivation` found. */
export interface MaximizedActivation {
  /** [1, C, H, W], in the values that the network takes. */
  readonly picture: Tensor;
  /** The mean activation of the channel before the first step. */
  readonly before: number;
  /** The same at the end. */
  readonly after: number;
}

/** The share of a pixel that its neighbors get after each step: without it, only the finest waves would grow. */
const BLUR = 0.12;

/**
 * Draws a picture that a channel of a layer, or a class, answers to most: gradient ascent from noise, with shifts and a little blur between the steps.
 *
 * Shapes: shape [C, H, W] -> picture [1, C, H, W].
 *
 * Throws `ArgumentError` for a layer or channel that isn't there, and options out of range.
 *
 * Source: Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep Network"; shifts as in Olah, Mordvintsev and Schubert 2017, "Feature Visualization".
 */
export function maximizeActivation(
  model: Module,
  shape: readonly [number, number, number],
  options: MaximizeActivationOptions = {},
): MaximizedActivation {
  const who = 'maximizeActivation';
  checkOptions(who, options, ['layer', 'channel', 'steps', 'stepSize', 'jitter', 'seed']);
  const { layer, channel = 0, steps = 128, stepSize = 0.05, jitter = 4, seed = 'activation' } = options;
  checkWhole(who, 'channel', channel, 0);
  checkWhole(who, 'steps', steps, 1);
  checkWhole(who, 'jitter', jitter, 0);
  if (!(stepSize > 0)) throw new ArgumentError(`${who}: stepSize is ${stepSize}, but must be above 0.`);
  if (layer !== undefined) layerNamed(who, model, layer);
  const [channels, height, width] = shape;
  const random = new RandomStream(seed);
  let pixels: Float32Array = Float32Array.from({ length: channels * height * width }, () => 0.1 * random.normal());
  let before = 0;
  for (let step = 0; step < steps; step++) {
    const [dy, dx] = [0, 0].map(() => random.integer(2 * jitter + 1) - jitter);
    const moved = shifted(pixels, shape, dy, dx);
    const { score, gradient } = ascent(model, moved, shape, layer, channel);
    if (step === 0) before = score;
    let square = 0;
    for (const value of gradient) square += value * value;
    const scale = stepSize / (Math.sqrt(square / gradient.length) + 1e-12);
    for (let i = 0; i < moved.length; i++) moved[i] += scale * gradient[i];
    pixels = shifted(blurred(moved, shape), shape, -dy, -dx);
  }
  const { score: after } = ascent(model, pixels, shape, layer, channel);
  return { picture: Tensor.from(pixels, [1, ...shape]), before, after };
}

/** The mean activation of the channel and its gradient by the pixels. */
function ascent(
  model: Module,
  pixels: Float32Array,
  shape: readonly [number, number, number],
  layer: string | undefined,
  channel: number,
): { score: number; gradient: Float32Array } {
  return withMode(model, 'eval', () => {
    const tape = new Tape();
    try {
      const x = Tensor.from(pixels, [1, ...shape]);
      let found: Tensor | undefined;
      const visit = (name: string, output: Tensor): void => {
        if (name === layer) found = output;
      };
      const logits = watchingLayers(model, visit, () => model.forward(x));
      const y = layer === undefined ? logits : found;
      if (y === undefined)
        throw new ArgumentError(`maximizeActivation: layer '${layer}' does not run when the model predicts.`);
      const count = y.shape[1];
      if (channel >= count) {
        throw new ArgumentError(
          `maximizeActivation: channel is ${channel}, but there are the channels 0 to ${count - 1}.`,
        );
      }
      const plane = y.size / count;
      const mask = new Float32Array(y.size);
      mask.fill(1 / plane, channel * plane, (channel + 1) * plane);
      const score = sum(mul(y, Tensor.from(mask, y.shape)));
      const [gradient] = tape.gradient(score, [x]);
      return { score: score.item(), gradient: Float32Array.from(gradient.data) };
    } finally {
      tape.close();
    }
  });
}

/** The picture moved by some pixels; what leaves on one side comes back on the other. */
function shifted(
  x: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  dy: number,
  dx: number,
): Float32Array {
  const y = new Float32Array(x.length);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < height; row++) {
      const from = (c * height + ((row - dy + height) % height)) * width;
      for (let column = 0; column < width; column++) {
        y[(c * height + row) * width + column] = x[from + ((column - dx + width) % width)];
      }
    }
  }
  return y;
}

function blurred(x: Float32Array, shape: readonly [number, number, number]): Float32Array {
  const around = [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ].map(([dy, dx]) => shifted(x, shape, dy, dx));
  return x.map((value, i) => {
    const mean = (around[0][i] + around[1][i] + around[2][i] + around[3][i]) / 4;
    return (1 - BLUR) * value + BLUR * mean;
  });
}
