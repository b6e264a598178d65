import { Conv2d } from '../layers/conv2d.js';
import { Module } from '../layers/module.js';
import { mul } from '../tensor/ops/math/mul.js';
import { adaptiveAvgPool2d } from '../tensor/ops/nn/adaptiveAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Weighs each channel by a number that a small network computes from the means of all: y = x * gate(fc2(act(fc1(mean(x))))).
 *
 * Shapes: x [N, C, H, W] -> y of the same shape.
 *
 * Source: Hu et al. 2018 (arXiv:1709.01507), section 3; fields as in torchvision.
 */
export class SqueezeExcitation extends Module {
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;
  readonly activation: Module;
  readonly scaleActivation: Module;

  constructor(channels: number, squeezed: number, activation: Module, gate: Module) {
    super();
    this.fc1 = new Conv2d(channels, squeezed, 1);
    this.fc2 = new Conv2d(squeezed, channels, 1);
    this.activation = activation;
    this.scaleActivation = gate;
  }

  forward(x: Tensor): Tensor {
    let s = adaptiveAvgPool2d(x, 1); // [N, C, 1, 1]
    s = this.activation.forward(this.fc1.forward(s)); // [N, S, 1, 1]
    s = this.scaleActivation.forward(this.fc2.forward(s)); // [N, C, 1, 1]
    return mul(x, s); // [N, C, H, W]
  }
}
