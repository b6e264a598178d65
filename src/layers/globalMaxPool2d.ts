import { globalMaxPool2d } from '../tensor/ops/nn/globalMaxPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** The largest value of each channel, [N, C, H, W] -> [N, C], as a layer: `globalMaxPool2d`. */
export class GlobalMaxPool2d extends Module {
  forward(x: Tensor): Tensor {
    return globalMaxPool2d(x);
  }
}
