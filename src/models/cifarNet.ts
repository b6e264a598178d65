import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { adaptiveAvgPool2d } from '../tensor/ops/nn/adaptiveAvgPool2d.js';
import { maxPool2d } from '../tensor/ops/nn/maxPool2d.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/**
 * A small LeNet-like network, made to learn CIFAR-10 within minutes on one core: three blocks of 3x3 convolution, max
 * pooling, batch norm and ReLU, then one linear layer.
 *
 * 21,142 parameters and 1.67 M multiply-adds an image: 0.33 M in the first convolution, 0.66 M in each of the others. The pooling
 * stands before the batch norm, which therefore has a quarter of the work.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 8 -> logits [N, numClasses].
 *
 * Source: the plan of LeCun et al. 1998, "Gradient-based learning applied to document recognition", figure 2, with 3x3
 * filters, ReLU and batch norm (Ioffe and Szegedy 2015, arXiv:1502.03167).
 */
export class CifarNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly fc: Linear;

  constructor(options: ModelOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('cifar_net', options, []);
    const [w1, w2, w3] = [12, 24, 48].map((width) => scaleWidth(width, widthMultiplier));
    this.conv1 = new Conv2d(inChannels, w1, 3, { padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(w1);
    this.conv2 = new Conv2d(w1, w2, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(w2);
    this.conv3 = new Conv2d(w2, w3, 3, { padding: 1, bias: false });
    this.bn3 = new BatchNorm2d(w3);
    this.fc = new Linear(w3 * 4 * 4, numClasses);
  }

  forward(x: Tensor): Tensor {
    expectImages('cifar_net', x, this.conv1.inChannels, 8);
    let y = this.conv1.forward(x); // [N, 12, 32, 32]
    y = this.bn1.forwardRelu(maxPool2d(y, { kernelSize: 2 })); // [N, 12, 16, 16]
    y = this.conv2.forward(y); // [N, 24, 16, 16]
    y = this.bn2.forwardRelu(maxPool2d(y, { kernelSize: 2 })); // [N, 24, 8, 8]
    y = this.conv3.forward(y); // [N, 48, 8, 8]
    y = this.bn3.forwardRelu(maxPool2d(y, { kernelSize: 2 })); // [N, 48, 4, 4]
    // Changes nothing at 32x32; images of other sizes end at 4x4 too.
    y = flatten(adaptiveAvgPool2d(y, 4)); // [N, 768]
    return this.fc.forward(y); // [N, 10]
  }
}
