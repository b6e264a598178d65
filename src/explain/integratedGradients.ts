import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { Tensor } from '../tensor/tensor.js';
import { expectPictures, inputGradient } from './inputGradient.js';
import { type TargetOptions, targetScores, targetsOf } from './target.js';

/** Options of `integratedGradients`. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** Where the way to the picture begins: one number for all values, or pictures of the shape of x. Default 0, the mean color. */
  baseline?: number | Tensor | undefined;
  /** Points of the way at which the gradient is taken. Default 64. */
  steps?: number | undefined;
}

/** What `integratedGradients` found. */
export interface IntegratedGradients {
  /** [N, C, H, W]: what each value adds to the logit. Those of a picture add up to the difference that its values make. */
  readonly attributions: Tensor;
  /** For each picture: its logit minus that of the baseline. */
  readonly difference: readonly number[];
  /** For each picture: by how much the sum of the attributions misses the difference, as a share of it. */
  readonly error: readonly number[];
}

/**
 * How much each value of a picture adds to the logit of a class: its difference to the baseline times the mean gradient on the straight way there.
 *
 * Shapes: x [N, C, H, W] -> attributions [N, C, H, W].
 *
 * Throws like `saliency`, and `ArgumentError` for steps out of range, `ShapeError` for a baseline of another shape.
 *
 * Numerics: the mean is taken by the midpoint rule, which never asks for a gradient at the baseline, where a ReLU may have its kink. `error` tells how well the steps did.
 *
 * Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", equation 3; completeness is proposition 1.
 *
 * @example
 * const { attributions, error } = integratedGradients(model, images, { steps: 64 });
 */
export function integratedGradients(
  model: Module,
  x: Tensor,
  options: IntegratedGradientsOptions = {},
): IntegratedGradients {
  const who = 'integratedGradients';
  checkOptions(who, options, ['target', 'baseline', 'steps']);
  expectPictures(who, model, x);
  const { baseline = 0, steps = 64, target } = options;
  checkWhole(who, 'steps', steps, 1);
  const start = baselineOf(x, baseline);
  const logits = model.predict(x);
  const targets = targetsOf(who, logits, target);
  const before = model.predict(Tensor.from(start, x.shape));
  const [high, low] = [targetScores(logits, targets), targetScores(before, targets)];
  const total = new Float64Array(x.size);
  for (let step = 0; step < steps; step++) {
    const way = (step + 0.5) / steps;
    const point = Tensor.from(
      start.map((value, i) => value + way * (x.data[i] - value)),
      x.shape,
    );
    const { gradient } = inputGradient(who, model, point, targets);
    point.dispose();
    for (let i = 0; i < total.length; i++) total[i] += gradient[i] / steps;
  }
  const attributions = Float32Array.from(total, (mean, i) => mean * (x.data[i] - start[i]));
  const difference = high.map((score, n) => score - low[n]);
  const each = x.size / x.shape[0];
  const error = difference.map((value, n) => {
    let sum = 0;
    for (let i = n * each; i < (n + 1) * each; i++) sum += total[i] * (x.data[i] - start[i]);
    return value === 0 ? Math.abs(sum) : Math.abs((sum - value) / value);
  });
  return { attributions: Tensor.from(attributions, x.shape), difference, error };
}

function baselineOf(x: Tensor, baseline: number | Tensor): Float32Array {
  if (typeof baseline === 'number') {
    if (Number.isFinite(baseline)) return new Float32Array(x.size).fill(baseline);
    throw new ArgumentError(`integratedGradients: baseline is ${baseline}, but must be a number or pictures.`);
  }
  if (sameShape(baseline.shape, x.shape)) return Float32Array.from(baseline.data);
  throw new ShapeError(
    `integratedGradients: the baseline has shape ${formatShape(baseline.shape)}, but x has ${formatShape(x.shape)}.`,
  );
}
