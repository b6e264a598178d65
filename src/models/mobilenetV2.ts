import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { ReLU6 } from '../layers/relu6.js';
import { Sequential } from '../layers/sequential.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { ConvNormActivation } from './convNormActivation.js';
import { initialize } from './initialize.js';
import { expectImages } from './input.js';
import { makeDivisible } from './makeDivisible.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `MobileNetV2`. */
export interface MobileNetV2Options extends ModelOptions {
  /** Before the last layer. Default 0.2. */
  dropout?: number | undefined;
}

/** Expansion t, output channels c, blocks n and stride s of the first: table 2 of the paper. */
const plan = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
] as const;

/** The variants of MobileNetV2. */
export type MobileNetV2Name = 'mobilenet_v2' | 'mobilenet_v2_cifar';

/**
 * 1x1 convolution to `expansion` times the channels, 3x3 of each channel by itself, 1x1 back to few without an activation; x is
 * added where sizes allow. Shapes: x [N, C, H, W] -> [N, O, H/stride, W/stride].
 */
export class InvertedResidual extends Module {
  readonly conv: Sequential;
  /** Whether the input is added to the output: same channels, stride 1. */
  readonly adds: boolean;

  constructor(inChannels: number, outChannels: number, stride: number, expansion: number) {
    super();
    const hidden = inChannels * expansion;
    this.conv = new Sequential();
    if (expansion !== 1) {
      this.conv.push(new ConvNormActivation(inChannels, hidden, { kernelSize: 1, activation: new ReLU6() }));
    }
    this.conv.push(
      new ConvNormActivation(hidden, hidden, { stride, groups: hidden, activation: new ReLU6() }),
      new Conv2d(hidden, outChannels, 1, { bias: false }),
      new BatchNorm2d(outChannels),
    );
    this.adds = stride === 1 && inChannels === outChannels;
  }

  forward(x: Tensor): Tensor {
    const y = this.conv.forward(x); // [N, O, P, Q]
    return this.adds ? add(x, y) : y; // [N, O, P, Q]
  }
}

/**
 * MobileNet v2, torchvision's: the paper's table, with widths rounded by `makeDivisible`. 3,504,872 parameters and 300.8 M
 * multiply-adds.
 *
 * `widthMultiplier` scales all channels; those of the last convolution, 1280, only above 1, as in the paper.
 * `mobilenet_v2_cifar` takes the strides off the stem and the second stage, so that 32x32 images end at 4x4.
 *
 * Shapes: x [N, inChannels, H, W], any H and W from 1 (the last stage sees H/32) -> logits [N, numClasses].
 *
 * Source: Sandler et al. 2018 (arXiv:1801.04381), table 2 and figure 4(d).
 */
export class MobileNetV2 extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(
    /** Which of the variants this is. */
    readonly variant: MobileNetV2Name = 'mobilenet_v2',
    options: MobileNetV2Options = {},
  ) {
    super();
    const cifar = variant === 'mobilenet_v2_cifar';
    const { numClasses, inChannels, widthMultiplier } = modelOptions(variant, options, ['dropout'], cifar ? 10 : 1000);
    let channels = makeDivisible(32 * widthMultiplier);
    this.features = new Sequential(
      new ConvNormActivation(inChannels, channels, { stride: cifar ? 1 : 2, activation: new ReLU6() }),
    );
    for (const { t, c, n, s } of plan) {
      const width = makeDivisible(c * widthMultiplier);
      for (let i = 0; i < n; i++) {
        const stride = i > 0 || (cifar && c === 24) ? 1 : s;
        this.features.push(new InvertedResidual(channels, width, stride, t));
        channels = width;
      }
    }
    const last = makeDivisible(1280 * Math.max(1, widthMultiplier));
    this.features.push(new ConvNormActivation(channels, last, { kernelSize: 1, activation: new ReLU6() }));
    this.classifier = new Sequential(new Dropout(options.dropout ?? 0.2), new Linear(last, numClasses));
    initialize(this, 0.01);
  }

  forward(x: Tensor): Tensor {
    expectImages(this.variant, x, (this.features.at(0) as ConvNormActivation).inChannels, 1);
    let y = this.features.forward(x); // [N, 1280, 7, 7]
    y = globalAvgPool2d(y); // [N, 1280]
    return this.classifier.forward(y); // [N, 1000]
  }
}

/** MobileNetV2, for 224x224 images. */
export const mobilenet_v2 = (options?: MobileNetV2Options): MobileNetV2 => new MobileNetV2('mobilenet_v2', options);
/** MobileNetV2 for 32x32 images: smaller strides. */
export const mobilenet_v2_cifar = (options?: MobileNetV2Options): MobileNetV2 =>
  new MobileNetV2('mobilenet_v2_cifar', options);
