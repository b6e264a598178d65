import { logSoftmax } from '../tensor/ops/nn/logSoftmax.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** The logarithm of `softmax`, computed without underflow, as a layer: `logSoftmax`. */
export class LogSoftmax extends Module {
  /** The axis of the classes; -1 is the last axis. */
  constructor(/** The axis along which the exponentials sum to 1. */ readonly axis = -1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis);
  }

  protected override describe(): string {
    return `axis=${this.axis}`;
  }
}
