import { ArgumentError } from '../base/errors.js';
import { dropout } from '../tensor/ops/nn/dropout.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/**
 * In training mode, zeroes elements with probability p and scales the rest by 1 / (1 - p): `dropout`. In evaluation mode, it does
 * nothing.
 */
export class Dropout extends Module {
  constructor(/** The probability that a value is set to 0 during training. */ readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`Dropout: p is ${p}, but must be between 0 and 1.`);
  }

  forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training });
  }

  protected override describe(): string {
    return `p=${this.p}`;
  }
}
