import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** The mean of each channel, [N, C, H, W] -> [N, C], as a layer: `globalAvgPool2d`. */
export class GlobalAvgPool2d extends Module {
  forward(x: Tensor): Tensor {
    return globalAvgPool2d(x);
  }
}
