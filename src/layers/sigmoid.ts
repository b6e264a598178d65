import { sigmoid } from '../tensor/ops/nn/sigmoid.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** 1 / (1 + exp(-x)) as a layer: `sigmoid`. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
