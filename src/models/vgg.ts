import { AdaptiveAvgPool2d } from '../layers/adaptiveAvgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Dropout } from '../layers/dropout.js';
import { constant, kaimingNormal, normal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { withoutInit } from '../layers/withoutInit.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `Vgg` and `CifarVgg`. */
export interface VggOptions extends ModelOptions {
  /** Probability of dropping a unit before the last linear layers. Default 0.5, for CIFAR's variant 0. */
  dropout?: number | undefined;
}

/** Table 1 of the paper, columns A, B, D and E: channels of each 3x3 convolution; 'M' halves the size. */
const plans = {
  11: [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  13: [64, 64, 'M', 128, 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'],
  16: [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M'],
  19: [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 256, 'M', 512, 512, 512, 512, 'M', 512, 512, 512, 512, 'M'],
} as const;

/** How many layers have weights, apart from batch norms. */
export type VggDepth = keyof typeof plans;

/**
 * torchvision's `vgg11` to `vgg19`, with batch norm `vgg11_bn` to `vgg19_bn`: 3x3 convolutions, five times halved, and three
 * linear layers.
 *
 * | depth                    | 11          | 13          | 16          | 19          |
 * |--------------------------|-------------|-------------|-------------|-------------|
 * | parameters               | 132,863,336 | 133,047,848 | 138,357,544 | 143,667,240 |
 * | with batch norm          | 132,868,840 | 133,053,736 | 138,365,992 | 143,678,248 |
 * | multiply-adds at 224x224 | 7.61 G      | 11.31 G     | 15.47 G     | 19.63 G     |
 *
 * Field names are torchvision's, whose weights load unchanged; as there, a convolution keeps its bias before a batch norm.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 32 -> logits [N, numClasses].
 *
 * Source: Simonyan and Zisserman 2015 (arXiv:1409.1556), table 1; weights start as in torchvision, the convolutions' as in
 * He et al. 2015 (arXiv:1502.01852).
 */
export class Vgg extends Module {
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly classifier: Sequential;

  constructor(
    /** Layers with weights: 11, 13, 16 or 19. */
    readonly depth: VggDepth,
    /** Whether each convolution is followed by a batch norm. */
    readonly batchNorm: boolean,
    options: VggOptions = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(
      vggName(depth, batchNorm),
      options,
      ['dropout'],
      1000,
    );
    this.features = convolutions(depth, batchNorm, inChannels, widthMultiplier);
    this.avgpool = new AdaptiveAvgPool2d(7);
    const hidden = scaleWidth(4096, widthMultiplier);
    this.classifier = new Sequential(
      ...[fullyConnected(scaleWidth(512, widthMultiplier) * 7 * 7, hidden), new ReLU(), new Dropout(options.dropout)],
      ...[fullyConnected(hidden, hidden), new ReLU(), new Dropout(options.dropout)],
      fullyConnected(hidden, numClasses),
    );
  }

  forward(x: Tensor): Tensor {
    expectImages(vggName(this.depth, this.batchNorm), x, (this.features.at(0) as Conv2d).inChannels, 32);
    let y = this.features.forward(x); // [N, 512, 7, 7]
    // Changes nothing at 224x224; images of other sizes end at 7x7 too.
    y = flatten(this.avgpool.forward(y)); // [N, 25088]
    return this.classifier.forward(y); // [N, 1000]
  }
}

/**
 * VGG for 32x32 images: the convolutions of `vgg16_bn` and so on, which leave one pixel of 512 channels, and one linear layer.
 *
 * vgg11_cifar has 9,231,114 parameters and 153 M multiply-adds an image, vgg16_cifar 14,728,266 and 313 M.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 32 -> logits [N, numClasses].
 *
 * Source: the convolutions of Simonyan and Zisserman 2015 with batch norm (Ioffe and Szegedy 2015, arXiv:1502.03167); the
 * short classifier is usual for CIFAR and stands in no paper.
 */
export class CifarVgg extends Module {
  readonly features: Sequential;
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(
    /** The depth of the VGG whose convolutions it has: 11, 13, 16 or 19. */
    readonly depth: VggDepth,
    options: VggOptions = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(`vgg${depth}_cifar`, options, ['dropout']);
    this.features = convolutions(depth, true, inChannels, widthMultiplier);
    this.dropout = new Dropout(options.dropout ?? 0);
    this.classifier = new Linear(scaleWidth(512, widthMultiplier), numClasses);
  }

  forward(x: Tensor): Tensor {
    expectImages(`vgg${this.depth}_cifar`, x, (this.features.at(0) as Conv2d).inChannels, 32);
    let y = this.features.forward(x); // [N, 512, 1, 1]
    y = this.dropout.forward(globalAvgPool2d(y)); // [N, 512]
    return this.classifier.forward(y); // [N, 10]
  }
}

function vggName(depth: VggDepth, batchNorm: boolean): string {
  return `vgg${depth}${batchNorm ? '_bn' : ''}`;
}

function convolutions(depth: VggDepth, batchNorm: boolean, inChannels: number, widthMultiplier: number): Sequential {
  const features = new Sequential();
  let channels = inChannels;
  for (const entry of plans[depth]) {
    if (entry === 'M') {
      features.push(new MaxPool2d(2));
      continue;
    }
    const width = scaleWidth(entry, widthMultiplier);
    const conv = withoutInit(() => new Conv2d(channels, width, 3, { padding: 1 }));
    kaimingNormal(conv.weight, { mode: 'fanOut' });
    features.push(conv, ...(batchNorm ? [new BatchNorm2d(width)] : []), new ReLU());
    channels = width;
  }
  return features;
}

function fullyConnected(inFeatures: number, outFeatures: number): Linear {
  const layer = withoutInit(() => new Linear(inFeatures, outFeatures));
  normal(layer.weight, 0, 0.01);
  constant(layer.bias as Parameter, 0);
  return layer;
}

/** VGG-11, for 224x224 images. */
export const vgg11 = (options?: VggOptions): Vgg => new Vgg(11, false, options);
/** VGG-13, for 224x224 images. */
export const vgg13 = (options?: VggOptions): Vgg => new Vgg(13, false, options);
/** VGG-16, for 224x224 images. */
export const vgg16 = (options?: VggOptions): Vgg => new Vgg(16, false, options);
/** VGG-19, for 224x224 images. */
export const vgg19 = (options?: VggOptions): Vgg => new Vgg(19, false, options);
/** VGG-11 with batch norm after each convolution. */
export const vgg11_bn = (options?: VggOptions): Vgg => new Vgg(11, true, options);
/** VGG-13 with batch norm after each convolution. */
export const vgg13_bn = (options?: VggOptions): Vgg => new Vgg(13, true, options);
/** VGG-16 with batch norm after each convolution. */
export const vgg16_bn = (options?: VggOptions): Vgg => new Vgg(16, true, options);
/** VGG-19 with batch norm after each convolution. */
export const vgg19_bn = (options?: VggOptions): Vgg => new Vgg(19, true, options);
/** VGG-11 for 32x32 images: batch norm, and one linear layer as the classifier. */
export const vgg11_cifar = (options?: VggOptions): CifarVgg => new CifarVgg(11, options);
/** VGG-13 for 32x32 images: batch norm, and one linear layer as the classifier. */
export const vgg13_cifar = (options?: VggOptions): CifarVgg => new CifarVgg(13, options);
/** VGG-16 for 32x32 images: batch norm, and one linear layer as the classifier. */
export const vgg16_cifar = (options?: VggOptions): CifarVgg => new CifarVgg(16, options);
/** VGG-19 for 32x32 images: batch norm, and one linear layer as the classifier. */
export const vgg19_cifar = (options?: VggOptions): CifarVgg => new CifarVgg(19, options);
