import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { expectPictures } from './inputGradient.js';
import { adaptiveSteps, evenSteps, type PathStep } from './pathSteps.js';
import { type TargetOptions, targetScores, targetsOf } from './target.js';

/** Options of `integratedGradients`. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** Where the way to the picture begins: one number for all values, or pictures of the shape of x. Default 0, the mean color. */
  baseline?: number | Tensor | undefined;
  /** Points of the way at which the gradient is taken. Default 64. */
  steps?: number | undefined;
  /**
   * 'adaptive' takes more steps where the logit changes in a way that few steps miss, and corrects their weights so that the attributions are complete; it costs a
   * prediction more per step. 'midpoint' takes steps of the same length, as the paper does. Default 'adaptive'.
   */
  rule?: 'adaptive' | 'midpoint' | undefined;
}

/** What `integratedGradients` found. */
export interface IntegratedGradients {
  /** [N, C, H, W]: what each value adds to the logit. Those of a picture add up to the difference that its values make. */
  readonly attributions: Tensor;
  /** For each picture: its logit minus that of the baseline. */
  readonly difference: readonly number[];
  /** For each picture: by how much the sum of the attributions misses the difference, as a share of it. */
  readonly error: readonly number[];
  /** The same before weights were corrected. It tells how well the steps did: take more of them where it is large. */
  readonly uncorrectedError: readonly number[];
}

/**
 * How much each value of a picture adds to the logit of a class: its difference to the baseline times the mean gradient on the straight way there.
 *
 * Shapes: x [N, C, H, W] -> attributions [N, C, H, W].
 *
 * Throws like `saliency`, and `ArgumentError` for steps out of range or a rule that isn't there, `ShapeError` for a baseline of another shape.
 *
 * Numerics: gradients are taken in the middle of steps, never at the baseline, where a ReLU may have its kink. Adaptive steps are divided where the gradient times
 * the length misses the difference of the logits at both ends most. Their weights are then changed as little as possible (by least squares) so that they add up to
 * the whole difference.
 *
 * Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", equation 3; completeness is proposition 1. The correction is that of Deville and
 * Särndal 1992, "Calibration Estimators in Survey Sampling", case 1, with the slope of the logit as what is known.
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
  checkOptions(who, options, ['target', 'baseline', 'steps', 'rule']);
  expectPictures(who, model, x);
  const { baseline = 0, steps = 64, rule = 'adaptive', target } = options;
  checkWhole(who, 'steps', steps, 1);
  if (rule !== 'adaptive' && rule !== 'midpoint') {
    throw new ArgumentError(`${who}: rule is '${rule}', but must be 'adaptive' or 'midpoint'.`);
  }
  const start = baselineOf(x, baseline);
  const { targets, difference } = scope(() => {
    const logits = model.predict(x);
    const targets = targetsOf(who, logits, target);
    const low = targetScores(model.predict(Tensor.from(start, x.shape)), targets);
    return { targets, difference: targetScores(logits, targets).map((score, n) => score - low[n]) };
  });
  const each = x.size / x.shape[0];
  const attributions = new Float32Array(x.size);
  const [error, uncorrectedError]: number[][] = [[], []];
  for (const [n, whole] of difference.entries()) {
    const [from, to] = [start, x.data].map((values) => Float32Array.from(values.slice(n * each, (n + 1) * each)));
    const path = { who, model, start: from, end: to, shape: x.shape.slice(1), target: targets[n] };
    const taken = rule === 'midpoint' ? evenSteps(path, steps) : adaptiveSteps(path, steps);
    const plain = taken.map((step) => step.to - step.from);
    const weights = rule === 'midpoint' ? plain : corrected(taken, plain, whole);
    const own = attributions.subarray(n * each, (n + 1) * each);
    for (let i = 0; i < each; i++) {
      let mean = 0;
      for (let k = 0; k < taken.length; k++) mean += weights[k] * taken[k].gradient[i];
      own[i] = mean * (to[i] - from[i]);
    }
    error.push(missing(taken, weights, whole));
    uncorrectedError.push(missing(taken, plain, whole));
  }
  return { attributions: Tensor.from(attributions, x.shape), difference, error, uncorrectedError };
}

/** Weights that make the steps add up to the whole, with the least sum of squared changes: each change is in proportion to the step's slope. */
function corrected(steps: readonly PathStep[], weights: readonly number[], whole: number): number[] {
  let [found, squares] = [0, 0];
  for (const [k, { slope }] of steps.entries()) {
    found += weights[k] * slope;
    squares += weights[k] * slope * slope;
  }
  if (squares === 0) return [...weights];
  return weights.map((weight, k) => weight * (1 + ((whole - found) * steps[k].slope) / squares));
}

function missing(steps: readonly PathStep[], weights: readonly number[], whole: number): number {
  const sum = steps.reduce((total, { slope }, k) => total + weights[k] * slope, 0);
  return whole === 0 ? Math.abs(sum) : Math.abs((sum - whole) / whole);
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
