import { elu } from '../tensor/ops/nn/elu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** x for x > 0, else alpha * (exp(x) - 1), as a layer: `elu`. */
export class ELU extends Module {
  constructor(/** Minus the value that large negative inputs approach. */ readonly alpha = 1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  protected override describe(): string {
    return `alpha=${this.alpha}`;
  }
}
