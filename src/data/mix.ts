import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../base/errors.js';
import type { RandomStream } from '../base/random.js';
import { Targets } from '../base/targets.js';
import { Tensor } from '../tensor/tensor.js';

/** A batch whose images are made of two each: the loss is share * loss(labels) + (1 - share) * loss(otherLabels). */
export interface MixedBatch {
  /** The mixed images [N, C, H, W]. */
  x: Tensor;
  /** N class indices, or N * K multi-hot values. */
  labels: Int32Array;
  /** The labels of the images that were mixed in. */
  otherLabels: Int32Array;
  /** How much `labels` count, 0 to 1. */
  share: number;
}

/** Mixes the images of a batch with one another; x stays as it is. All chance comes from `random`. */
export type BatchMix = (
  batch: { x: Tensor; labels: Int32Array; targets?: Targets | undefined },
  random: RandomStream,
) => MixedBatch;

/**
 * Each image becomes a blend of itself and another one of the batch: x = share * x + (1 - share) * other, the share drawn from a
 * Beta(alpha, alpha) distribution once a batch.
 *
 * Options: `alpha`, default 0.2; larger ones mix more evenly.
 *
 * Shapes: x [N, ...].
 *
 * Throws `ArgumentError` for options that are unknown or out of range.
 *
 * Source: Zhang et al. 2018, "mixup" (arXiv:1710.09412), equation 1.
 */
export function mixup(options: { alpha?: number | undefined } = {}): BatchMix {
  const alpha = checkAlpha('mixup', options, 0.2);
  return (batch, random) => {
    const { x, labels } = batch;
    const share = beta(random, alpha);
    const { others, otherLabels } = partners(batch, random);
    const y = Tensor.empty('mixup', x.shape);
    const [from, to] = [x.data, y.data];
    const size = x.size / others.length;
    for (let n = 0; n < others.length; n++) {
      const [own, other] = [n * size, others[n] * size];
      for (let i = 0; i < size; i++) to[own + i] = share * from[own + i] + (1 - share) * from[other + i];
    }
    return { x: y, labels, otherLabels, share };
  };
}

/**
 * A rectangle of each image is replaced by the same part of another one of the batch. Its area is drawn from a Beta(alpha, alpha)
 * distribution once a batch, its center evenly; the share is the area that is left, counted in pixels.
 *
 * Options: `alpha`, default 1: any area is equally likely.
 *
 * Shapes: x [N, C, H, W].
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `ShapeError` when x has no height and width.
 *
 * Source: Yun et al. 2019, "CutMix" (arXiv:1905.04899), section 3.1.
 */
export function cutmix(options: { alpha?: number | undefined } = {}): BatchMix {
  const alpha = checkAlpha('cutmix', options, 1);
  return (batch, random) => {
    const { x, labels } = batch;
    if (x.shape.length !== 4) {
      throw new ShapeError(`cutmix: x [${x.shape.join(', ')}] is not a batch of images [N, C, H, W].`);
    }
    const [, channels, height, width] = x.shape;
    const side = Math.sqrt(1 - beta(random, alpha));
    const [top, bottom] = span(height, side, random);
    const [left, right] = span(width, side, random);
    const { others, otherLabels } = partners(batch, random);
    const y = Tensor.empty('cutmix', x.shape);
    const [from, to] = [x.data, y.data];
    to.set(from);
    for (let n = 0; n < others.length; n++) {
      for (let c = 0; c < channels; c++) {
        for (let h = top; h < bottom; h++) {
          const row = (c * height + h) * width;
          const own = n * channels * height * width + row;
          const other = others[n] * channels * height * width + row;
          for (let w = left; w < right; w++) to[own + w] = from[other + w];
        }
      }
    }
    return { x: y, labels, otherLabels, share: 1 - ((bottom - top) * (right - left)) / (height * width) };
  };
}

/**
 * One of several mixes for each batch, all equally likely.
 *
 * @example
 * await fit(model, { ...options, mix: oneOf(mixup(), cutmix()) });
 */
export function oneOf(...mixes: readonly BatchMix[]): BatchMix {
  if (mixes.length === 0) throw new ArgumentError('oneOf: there is nothing to choose from; give at least one mix.');
  return (batch, random) => mixes[random.integer(mixes.length)](batch, random);
}

function checkAlpha(who: string, options: { alpha?: number | undefined }, standard: number): number {
  checkOptions(who, options, ['alpha']);
  const { alpha = standard } = options;
  if (alpha > 0 && Number.isFinite(alpha)) return alpha;
  throw new ArgumentError(`${who}: alpha is ${alpha}, but must be > 0 and finite.`);
}

/** For each image another one, by a random order of the batch. */
function partners(
  { x, labels, targets = Targets.fromLabels(labels, x.shape[0]) }: Parameters<BatchMix>[0],
  random: RandomStream,
): { others: Int32Array; otherLabels: Int32Array } {
  const others = random.shuffle(Int32Array.from({ length: x.shape[0] }, (_, n) => n));
  const each = targets.perImage;
  return { others, otherLabels: labels.map((_, i) => labels[others[Math.floor(i / each)] * each + (i % each)]) };
}

/** A stretch of an axis: `share` of its length around a random place, cut off at the ends. */
function span(length: number, share: number, random: RandomStream): [from: number, to: number] {
  const half = Math.floor(length * share) / 2;
  const center = random.uniform() * length;
  return [Math.max(0, Math.round(center - half)), Math.min(length, Math.round(center + half))];
}

/** A number from the Beta(alpha, alpha) distribution. */
function beta(random: RandomStream, alpha: number): number {
  const [a, b] = [logGamma(random, alpha), logGamma(random, alpha)];
  // The ratio in logarithms: for a small alpha both numbers may be below the smallest double.
  return 1 / (1 + Math.exp(b - a));
}

/**
 * The logarithm of a number from the Gamma(shape, 1) distribution.
 *
 * Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; a shape below 1 by their boost, section 6.
 */
function logGamma(random: RandomStream, shape: number): number {
  if (shape < 1) return logGamma(random, shape + 1) + Math.log(1 - random.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = random.normal();
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
