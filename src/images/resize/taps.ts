import type { FilterCurve } from './filters.js';

/** Weights are whole numbers of 1 / 2^22: a byte times a weight, summed, stays within 32 bits. */
export const WEIGHT_BITS = 22;

/** The pixels that each output pixel of one axis is made of, and their weights. */
export interface Taps {
  /** The first input pixel of each output pixel. */
  first: Int32Array;
  /** How many there are. */
  count: Int32Array;
  /** Output pixel i weighs its pixels by weights[i * stride], weights[i * stride + 1], ... */
  weights: Int32Array;
  stride: number;
}

/**
 * The taps of one axis, where `size` output pixels cover the input from `from` to `to` (in pixels, fractions too).
 *
 * Numerics: weights are made in doubles, normalized to 1 and rounded to multiples of 2^-22, as Pillow does; the length of the box is single precision.
 */
export function makeTaps(inputSize: number, from: number, to: number, size: number, filter: FilterCurve): Taps {
  const scale = Math.fround(to - from) / size;
  const stretch = Math.max(scale, 1);
  const reach = filter.reach * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(size);
  const count = new Int32Array(size);
  const weights = new Int32Array(size * stride);
  const exact = new Float64Array(stride);
  const step = 1 / stretch;
  for (let i = 0; i < size; i++) {
    const center = from + (i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(inputSize, Math.trunc(center + reach + 0.5));
    let sum = 0;
    for (let k = begin; k < end; k++) {
      exact[k - begin] = filter.weigh((k - center + 0.5) * step);
      sum += exact[k - begin];
    }
    for (let k = 0; k < end - begin; k++) {
      const weight = sum === 0 ? exact[k] : exact[k] / sum;
      weights[i * stride + k] = Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << WEIGHT_BITS));
    }
    first[i] = begin;
    count[i] = end - begin;
  }
  return { first, count, weights, stride };
}
