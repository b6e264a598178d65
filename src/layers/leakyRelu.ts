import { leakyRelu } from '../tensor/ops/nn/leakyRelu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** ReLU with a slope for negative x instead of 0, as a layer: `leakyRelu`. */
export class LeakyReLU extends Module {
  constructor(/** The slope for negative inputs. */ readonly slope = 0.01) {
    super();
  }

  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope);
  }

  protected override describe(): string {
    return `slope=${this.slope}`;
  }
}
