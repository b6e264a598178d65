import type { Pair } from '../base/check.js';
import { pair } from '../base/check.js';
import { adaptiveAvgPool2d } from '../tensor/ops/nn/adaptiveAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** The mean of each of outputSize windows that cover the image evenly, whatever its size, as a layer: `adaptiveAvgPool2d`. */
export class AdaptiveAvgPool2d extends Module {
  constructor(/** Height and width of the output, in pixels. */ readonly outputSize: Pair) {
    super();
    pair('AdaptiveAvgPool2d', 'outputSize', outputSize, 1);
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  protected override describe(): string {
    return describeOptions({ outputSize: this.outputSize });
  }
}
