import { hardSwish } from '../tensor/ops/nn/hardSwish.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** x * relu6(x + 3) / 6, MobileNetV3's piecewise approximation of SiLU, as a layer: `hardSwish`. */
export class HardSwish extends Module {
  forward(x: Tensor): Tensor {
    return hardSwish(x);
  }
}
