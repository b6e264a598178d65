import { hardSigmoid } from '../tensor/ops/nn/hardSigmoid.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** relu6(x + 3) / 6, a piecewise linear approximation of the sigmoid, as a layer: `hardSigmoid`. */
export class HardSigmoid extends Module {
  forward(x: Tensor): Tensor {
    return hardSigmoid(x);
  }
}
