import { softmax } from '../tensor/ops/nn/softmax.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** Turns scores into probabilities that sum to 1 along an axis, as a layer: `softmax`. Losses here take logits and need no such layer. */
export class Softmax extends Module {
  /** The axis over which the classes lie; -1 is the last. */
  constructor(readonly axis = -1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return softmax(x, this.axis);
  }

  protected override describe(): string {
    return `axis=${this.axis}`;
  }
}
