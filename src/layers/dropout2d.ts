import { ArgumentError } from '../base/errors.js';
import { dropout2d } from '../tensor/ops/nn/dropout2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/**
 * In training mode, zeroes channels with probability p and scales the rest by 1 / (1 - p): `dropout2d`. In evaluation mode, it does
 * nothing.
 */
export class Dropout2d extends Module {
  constructor(/** The probability that a channel is set to 0 during training. */ readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`Dropout2d: p is ${p}, but must be between 0 and 1.`);
  }

  forward(x: Tensor): Tensor {
    return dropout2d(x, { p: this.p, training: this.training });
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}
