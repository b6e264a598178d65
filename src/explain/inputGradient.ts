import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Module } from '../layers/module.js';
import { withMode } from '../layers/withMode.js';
import { Tape } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';
import { summedScore, targetsOf } from './target.js';

/** Throws unless the arguments are a model and pictures. */
export function expectPictures(who: string, model: Module, x: Tensor): void {
  if (!(model instanceof Module)) {
    throw new ArgumentError(`${who}: the first argument must be a model, such as classifier.model.`);
  }
  if (x instanceof Tensor && x.shape.length === 4) return;
  const found = x instanceof Tensor ? formatShape(x.shape) : String(x);
  throw new ShapeError(`${who}: x is ${found}, but must be pictures [N, C, H, W].`);
}

/** A gradient by the pixels, and the classes that it is of. */
export interface InputGradient {
  /** [N, C, H, W]. */
  readonly gradient: Float32Array;
  readonly targets: readonly number[];
}

/** The gradient of the logit of each picture's class by its pixels. `makeTape` gives a tape with rules of its own. */
export function inputGradient(
  who: string,
  model: Module,
  x: Tensor,
  target: number | readonly number[] | undefined,
  makeTape: () => Tape = () => new Tape(),
): InputGradient {
  return withMode(model, 'eval', () => {
    const tape = makeTape();
    try {
      const logits = model.forward(x);
      const targets = targetsOf(who, logits, target);
      const [gradient] = tape.gradient(summedScore(logits, targets), [x]);
      return { gradient: Float32Array.from(gradient.data), targets };
    } finally {
      tape.close();
    }
  });
}

/** The largest size among the channels of each pixel. Shapes: [N, C, H, W] -> [N, H, W]. */
export function largestOfChannels(values: Float32Array, [count, channels, height, width]: readonly number[]): Tensor {
  const plane = height * width;
  const y = new Float32Array(count * plane);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * plane;
      for (let p = 0; p < plane; p++) y[n * plane + p] = Math.max(y[n * plane + p], Math.abs(values[from + p]));
    }
  }
  return Tensor.from(y, [count, height, width]);
}
