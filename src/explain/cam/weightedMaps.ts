import { Tensor } from '../../tensor/tensor.js';
import type { LayerGradient } from './layerGradient.js';

/** Options of methods whose maps are cut off at 0. */
export interface SignedOptions {
  /** Keeps what speaks against the class, as negative values. Default false: only what speaks for it, at least 0. */
  signed?: boolean | undefined;
}

/**
 * The sum over channels of maps times weights; `weight` fills in those of one channel of one picture, a number for each pixel.
 *
 * Shapes: maps [N, C, H, W] -> [N, H, W].
 */
export function weightedMaps(
  { maps, gradient, shape }: LayerGradient,
  signed: boolean,
  weight: (gradient: Float32Array, maps: Float32Array, weights: Float64Array) => void,
): Tensor {
  const [count, channels, height, width] = shape;
  const plane = height * width;
  const weights = new Float64Array(plane);
  const y = new Float64Array(count * plane);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * plane;
      const own = maps.subarray(from, from + plane);
      weight(gradient.subarray(from, from + plane), own, weights);
      for (let p = 0; p < plane; p++) y[n * plane + p] += weights[p] * own[p];
    }
  }
  const cut = signed ? (value: number) => value : (value: number) => Math.max(0, value);
  return Tensor.from(Float32Array.from(y, cut), [count, height, width]);
}
