import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import type { Module } from '../layers/module.js';
import { Tensor } from '../tensor/tensor.js';
import { expectPictures, inputGradient, largestOfChannels } from './inputGradient.js';
import type { TargetOptions } from './target.js';

/** Options of `smoothGrad`. */
export interface SmoothGradOptions extends TargetOptions {
  /** Noisy copies of each picture. Default 25. */
  samples?: number | undefined;
  /** Deviation of the noise, as a share of the range of the picture's values. Default 0.15. */
  noise?: number | undefined;
  /** The same seed draws the same noise. Default 'smoothGrad'. */
  seed?: string | undefined;
}

/**
 * `saliency`, with the gradient averaged over copies of the picture with noise: what jumps from pixel to pixel averages out.
 *
 * Shapes: x [N, C, H, W] -> [N, H, W], all at least 0.
 *
 * Throws like `saliency`, and `ArgumentError` for options out of range.
 *
 * Source: Smilkov et al. 2017, "SmoothGrad: removing noise by adding noise".
 */
export function smoothGrad(model: Module, x: Tensor, options: SmoothGradOptions = {}): Tensor {
  checkOptions('smoothGrad', options, ['target', 'samples', 'noise', 'seed']);
  expectPictures('smoothGrad', model, x);
  const { samples = 25, noise = 0.15, seed = 'smoothGrad', target } = options;
  checkWhole('smoothGrad', 'samples', samples, 1);
  if (!(noise >= 0 && noise <= 10)) {
    throw new ArgumentError(`smoothGrad: noise is ${noise}, but must lie between 0 and 10.`);
  }
  const random = new RandomStream(seed);
  const deviations = rangesOf(x).map((range) => noise * range);
  const each = x.size / x.shape[0];
  const draw = (): Float32Array =>
    Float32Array.from({ length: x.size }, (_, i) => deviations[Math.floor(i / each)] * random.normal());
  const noises = Array.from({ length: samples }, draw);
  return largestOfChannels(averageGradient(model, x, target, noises), x.shape);
}

/** The mean of the gradients at x plus each of the noises. The class is that of the picture without noise. */
export function averageGradient(
  model: Module,
  x: Tensor,
  target: TargetOptions['target'],
  noises: readonly Float32Array[],
): Float32Array {
  const { targets } = inputGradient('smoothGrad', model, x, target);
  const total = new Float64Array(x.size);
  for (const noise of noises) {
    const noisy = Tensor.from(
      noise.map((value, i) => value + x.data[i]),
      x.shape,
    );
    const { gradient } = inputGradient('smoothGrad', model, noisy, targets);
    noisy.dispose();
    for (let i = 0; i < total.length; i++) total[i] += gradient[i] / noises.length;
  }
  return Float32Array.from(total);
}

/** The largest value of each picture minus its least. */
function rangesOf(x: Tensor): number[] {
  const each = x.size / x.shape[0];
  return Array.from({ length: x.shape[0] }, (_, n) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of x.data.subarray(n * each, (n + 1) * each)) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return most - least;
  });
}
