import { type Pair, pair } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import type { Pool2dOptions } from '../kernels/geometry.js';
import { maxPool2d } from '../tensor/ops/nn/maxPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** The largest value of each window, as a layer: `maxPool2d`. The stride defaults to the kernel size. */
export class MaxPool2d extends Module {
  /** The options that `maxPool2d` is called with. */
  readonly options: Pool2dOptions;

  constructor(kernelSize: Pair, options: Omit<Pool2dOptions, 'kernelSize' | 'countIncludePad'> = {}) {
    super();
    checkOptions('MaxPool2d', options, ['stride', 'padding', 'ceilMode']);
    pair('MaxPool2d', 'kernelSize', kernelSize, 1);
    this.options = { ...options, kernelSize, stride: options.stride ?? kernelSize };
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.options);
  }

  protected override describe(): string {
    const { kernelSize, stride, ...rest } = this.options;
    const defaults = { padding: 0, ceilMode: false, countIncludePad: true };
    return describeOptions({ kernelSize, stride, ...rest }, defaults);
  }
}
