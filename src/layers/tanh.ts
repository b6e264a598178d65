import { tanh } from '../tensor/ops/nn/tanh.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** The hyperbolic tangent as a layer: `tanh`. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
