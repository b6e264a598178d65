import { relu6 } from '../tensor/ops/nn/relu6.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** ReLU capped at 6, min(max(x, 0), 6), as a layer: `relu6`. */
export class ReLU6 extends Module {
  forward(x: Tensor): Tensor {
    return relu6(x);
  }
}
