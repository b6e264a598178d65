import { softmax } from '../tensor/ops/nn/softmax.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** Turns scores into probabilities that sum to 1 along an axis, as a layer: `softmax`. Losses here take logits, so they do not need this layer. */
export class Softmax extends Module {
  /** The axis of the classes; -1 is the last axis. */
  constructor(/** The axis along which the outputs sum to 1. */ readonly axis = -1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return softmax(x, this.axis);
  }

  protected override describe(): string {
    return `axis=${this.axis}`;
  }
}
