import { AdaptiveAvgPool2d } from '../layers/adaptiveAvgPool2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { LocalResponseNorm } from '../layers/localResponseNorm.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `AlexNet` and `AlexNet2012`. */
export interface AlexNetOptions extends ModelOptions {
  /** Probability of dropping an input of the first two linear layers. Default 0.5. */
  dropout?: number | undefined;
}

/**
 * torchvision's `alexnet`: the one-tower net, five convolutions and three linear layers.
 *
 * | layer      | output at 224 |                                     |
 * |------------|---------------|-------------------------------------|
 * | features.0 | 64 x 55 x 55  | 11x11, stride 4, padding 2; max pool |
 * | features.3 | 192 x 27 x 27 | 5x5, padding 2; max pool             |
 * | features.6 | 384 x 13 x 13 | 3x3, padding 1                       |
 * | features.8 | 256 x 13 x 13 | 3x3, padding 1                       |
 * | features.10| 256 x 13 x 13 | 3x3, padding 1; max pool             |
 * | classifier | 4096, 4096, numClasses | linear, dropout before the first two |
 *
 * 61,100,840 parameters and 714 M multiply-adds an image of 224x224. Field names are torchvision's, whose weights load
 * unchanged.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 63 -> logits [N, numClasses].
 *
 * Source: Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks" (arXiv:1404.5997); weights start
 * as the layers' own defaults, as in torchvision.
 */
export class AlexNet extends Module {
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly classifier: Sequential;

  constructor(options: AlexNetOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('alexnet', options, ['dropout'], 1000);
    const scale = (width: number): number => scaleWidth(width, widthMultiplier);
    const [w1, w2, w3, w4, w5, hidden] = [64, 192, 384, 256, 256, 4096].map(scale);
    const pool = (): MaxPool2d => new MaxPool2d(3, { stride: 2 });
    this.features = new Sequential(
      ...[new Conv2d(inChannels, w1, 11, { stride: 4, padding: 2 }), new ReLU(), pool()],
      ...[new Conv2d(w1, w2, 5, { padding: 2 }), new ReLU(), pool()],
      ...[new Conv2d(w2, w3, 3, { padding: 1 }), new ReLU()],
      ...[new Conv2d(w3, w4, 3, { padding: 1 }), new ReLU()],
      ...[new Conv2d(w4, w5, 3, { padding: 1 }), new ReLU(), pool()],
    );
    this.avgpool = new AdaptiveAvgPool2d(6);
    this.classifier = new Sequential(
      ...[new Dropout(options.dropout), new Linear(w5 * 6 * 6, hidden), new ReLU()],
      ...[new Dropout(options.dropout), new Linear(hidden, hidden), new ReLU()],
      new Linear(hidden, numClasses),
    );
  }

  forward(x: Tensor): Tensor {
    expectImages('alexnet', x, (this.features.at(0) as Conv2d).inChannels, 63);
    let y = this.features.forward(x); // [N, 256, 6, 6]
    // Changes nothing at 224x224; images of other sizes end at 6x6 too.
    y = flatten(this.avgpool.forward(y)); // [N, 9216]
    return this.classifier.forward(y); // [N, 1000]
  }
}

/**
 * The net that won ImageNet in 2012, in two groups: what ran on two graphics cards is `groups: 2` in the second, fourth and
 * fifth convolution, with local response normalization behind the first two.
 *
 * | layer | output at 227 |                                              |
 * |-------|---------------|----------------------------------------------|
 * | conv1 | 96 x 55 x 55  | 11x11, stride 4; normalization; max pool      |
 * | conv2 | 256 x 27 x 27 | 5x5, padding 2, 2 groups; normalization; max pool |
 * | conv3 | 384 x 13 x 13 | 3x3, padding 1                                |
 * | conv4 | 384 x 13 x 13 | 3x3, padding 1, 2 groups                      |
 * | conv5 | 256 x 13 x 13 | 3x3, padding 1, 2 groups; max pool            |
 * | fc6   | 4096          | linear, dropout before                       |
 * | fc7   | 4096          | linear, dropout before                       |
 * | fc8   | numClasses    | linear                                       |
 *
 * 60,965,224 parameters and 724 M multiply-adds an image of 227x227 (the paper says 224, which does not give its 55x55).
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 67 -> logits [N, numClasses].
 *
 * Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet Classification with Deep Convolutional Neural Networks", figure 2
 * and section 3.3 (n = 5, k = 2, alpha = 1e-4 a neighbor, beta = 0.75). Two deviations: weights start as the layers' own
 * defaults instead of normal with deviation 0.01, from which learning takes long to set off; images of other sizes are
 * averaged to 6x6 before fc6.
 */
export class AlexNet2012 extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly conv3: Conv2d;
  readonly conv4: Conv2d;
  readonly conv5: Conv2d;
  readonly norm: LocalResponseNorm;
  readonly pool: MaxPool2d;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly dropout: Dropout;
  readonly fc6: Linear;
  readonly fc7: Linear;
  readonly fc8: Linear;

  constructor(options: AlexNetOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('alexnet_2012', options, ['dropout'], 1000);
    // Even numbers, since there are two groups.
    const scale = (width: number): number => 2 * scaleWidth(width / 2, widthMultiplier);
    const [w1, w2, w3, w4, w5, hidden] = [96, 256, 384, 384, 256, 4096].map(scale);
    this.conv1 = new Conv2d(inChannels, w1, 11, { stride: 4 });
    this.conv2 = new Conv2d(w1, w2, 5, { padding: 2, groups: 2 });
    this.conv3 = new Conv2d(w2, w3, 3, { padding: 1 });
    this.conv4 = new Conv2d(w3, w4, 3, { padding: 1, groups: 2 });
    this.conv5 = new Conv2d(w4, w5, 3, { padding: 1, groups: 2 });
    // The layer divides alpha by its size, the paper does not.
    this.norm = new LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 });
    this.pool = new MaxPool2d(3, { stride: 2 });
    this.avgpool = new AdaptiveAvgPool2d(6);
    this.dropout = new Dropout(options.dropout);
    this.fc6 = new Linear(w5 * 6 * 6, hidden);
    this.fc7 = new Linear(hidden, hidden);
    this.fc8 = new Linear(hidden, numClasses);
  }

  forward(x: Tensor): Tensor {
    expectImages('alexnet_2012', x, this.conv1.inChannels, 67);
    let y = this.norm.forward(relu(this.conv1.forward(x))); // [N, 96, 55, 55]
    y = this.pool.forward(y); // [N, 96, 27, 27]
    y = this.norm.forward(relu(this.conv2.forward(y))); // [N, 256, 27, 27]
    y = this.pool.forward(y); // [N, 256, 13, 13]
    y = relu(this.conv3.forward(y)); // [N, 384, 13, 13]
    y = relu(this.conv4.forward(y)); // [N, 384, 13, 13]
    y = relu(this.conv5.forward(y)); // [N, 256, 13, 13]
    y = this.pool.forward(y); // [N, 256, 6, 6]
    y = flatten(this.avgpool.forward(y)); // [N, 9216]
    y = relu(this.fc6.forward(this.dropout.forward(y))); // [N, 4096]
    y = relu(this.fc7.forward(this.dropout.forward(y))); // [N, 4096]
    return this.fc8.forward(y); // [N, 1000]
  }
}

/** AlexNet in one column, as in torchvision: 61,100,840 parameters for 1000 classes. */
export const alexnet = (options?: AlexNetOptions): AlexNet => new AlexNet(options);
/** AlexNet as it was published in 2012, with groups and local response normalization. */
export const alexnet_2012 = (options?: AlexNetOptions): AlexNet2012 => new AlexNet2012(options);
