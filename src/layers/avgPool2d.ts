import { type Pair, pair } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import type { Pool2dOptions } from '../kernels/geometry.js';
import { avgPool2d } from '../tensor/ops/nn/avgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** The mean of each window, as a layer: `avgPool2d`. The stride defaults to the kernel size. */
export class AvgPool2d extends Module {
  /** The options that `avgPool2d` is called with. */
  readonly options: Pool2dOptions;

  constructor(kernelSize: Pair, options: Omit<Pool2dOptions, 'kernelSize'> = {}) {
    super();
    checkOptions('AvgPool2d', options, ['stride', 'padding', 'ceilMode', 'countIncludePad']);
    pair('AvgPool2d', 'kernelSize', kernelSize, 1);
    this.options = { ...options, kernelSize, stride: options.stride ?? kernelSize };
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.options);
  }

  protected override describe(): string {
    const { kernelSize, stride, ...rest } = this.options;
    const defaults = { padding: 0, ceilMode: false, countIncludePad: true };
    return describeOptions({ kernelSize, stride, ...rest }, defaults);
  }
}
