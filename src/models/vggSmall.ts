import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { kaimingNormal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Channels of each convolution; 'M' halves the size. */
const plan = [32, 32, 'M', 64, 64, 'M', 128, 128, 'M'] as const;

/**
 * VGG's plan at the size of CIFAR: pairs of 3x3 convolutions with batch norm and ReLU, a max pooling behind each pair, then the
 * mean of each channel and one linear layer.
 *
 * 288,746 parameters and 38.63 M multiply-adds an image.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 8 -> logits [N, numClasses].
 *
 * Source: Simonyan and Zisserman 2015 (arXiv:1409.1556), table 1; weights start as in He et al. 2015 (arXiv:1502.01852).
 */
export class VggSmall extends Module {
  readonly features: Sequential;
  readonly classifier: Linear;

  constructor(options: ModelOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('vgg_small', options, []);
    this.features = new Sequential();
    let channels = inChannels;
    for (const entry of plan) {
      if (entry === 'M') {
        this.features.push(new MaxPool2d(2));
        continue;
      }
      const width = scaleWidth(entry, widthMultiplier);
      const conv = new Conv2d(channels, width, 3, { padding: 1, bias: false });
      kaimingNormal(conv.weight, { mode: 'fanOut' });
      this.features.push(conv, new BatchNorm2d(width), new ReLU());
      channels = width;
    }
    this.classifier = new Linear(channels, numClasses);
  }

  forward(x: Tensor): Tensor {
    expectImages('vgg_small', x, (this.features.at(0) as Conv2d).inChannels, 8);
    let y = this.features.forward(x); // [N, 128, 4, 4]
    y = globalAvgPool2d(y); // [N, 128]
    return this.classifier.forward(y); // [N, 10]
  }
}
