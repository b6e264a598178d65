import { relu } from '../tensor/ops/nn/relu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** ReLU, max(x, 0), as a layer: `relu`. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}
