import { ArgumentError } from '../../base/errors.js';
import { Conv2d } from '../../layers/conv2d.js';
import type { Module } from '../../layers/module.js';

/** A small picture, RGB. */
export interface SmallPicture {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** [height, width, 3]. */
  readonly data: Uint8Array;
}

/**
 * The filters of the first convolution as pictures: 0 is mid-gray, and each filter is scaled to its own largest weight. Filters that look at three channels are
 * in color, in the order of the network's channels.
 *
 * Throws `ArgumentError` for a model without a convolution.
 *
 * @example
 * firstFilters(createModel('resnet18')).length; // 64 pictures of 7 x 7 pixels
 */
export function firstFilters(model: Module): SmallPicture[] {
  for (const [, module] of model.namedModules()) {
    if (!(module instanceof Conv2d)) continue;
    const [count, channels, height, width] = module.weight.shape;
    const plane = height * width;
    const weights = Float32Array.from(module.weight.data);
    return Array.from({ length: count }, (_, o) => {
      const own = weights.subarray(o * channels * plane, (o + 1) * channels * plane);
      const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
      const data = new Uint8Array(3 * plane);
      for (let p = 0; p < plane; p++) {
        for (let c = 0; c < 3; c++) {
          const value = own[(channels === 3 ? c : 0) * plane + p];
          data[3 * p + c] = Math.round(127.5 + (127.5 * value) / largest);
        }
      }
      return { width, height, data };
    });
  }
  throw new ArgumentError(`firstFilters: ${model.constructor.name} has no convolution.`);
}
