import { silu } from '../tensor/ops/nn/silu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** x * sigmoid(x), also called swish, as a layer: `silu`. */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}
