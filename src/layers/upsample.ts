import { checkOptions } from '../base/checkOptions.js';
import { type Upsample2dOptions, upsample2d } from '../tensor/ops/nn/upsample2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/**
 * Enlarges images to a size or by a factor, by nearest neighbors or bilinear interpolation, as a layer: `upsample2d`.
 *
 * @example
 * new Upsample({ scale: 2, mode: 'nearest' }).forward(Tensor.zeros([1, 3, 8, 8])).shape; // [1, 3, 16, 16]
 */
export class Upsample extends Module {
  constructor(/** The options that `upsample2d` is called with. */ readonly options: Upsample2dOptions) {
    super();
    checkOptions('Upsample', options, ['size', 'scale', 'mode', 'alignCorners']);
  }

  forward(x: Tensor): Tensor {
    return upsample2d(x, this.options);
  }

  protected override describe(): string {
    return describeOptions(this.options);
  }
}
