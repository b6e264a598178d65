import { ArgumentError } from '../base/errors.js';
import { stochasticDepth } from '../tensor/ops/nn/stochasticDepth.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/**
 * In training mode, zeroes whole images with probability p and scales the rest by 1 / (1 - p): `stochasticDepth`. In evaluation mode,
 * it does nothing. Put it at the end of a residual branch.
 */
export class StochasticDepth extends Module {
  constructor(/** The probability that an image skips the branch during training. */ readonly p: number) {
    super();
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`StochasticDepth: p is ${p}, but must be between 0 and 1.`);
  }

  forward(x: Tensor): Tensor {
    return stochasticDepth(x, { p: this.p, training: this.training });
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}
