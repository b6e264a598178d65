import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { ConvNormActivation } from './convNormActivation.js';
import { initialize } from './initialize.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `MobileNetV1`. */
export interface MobileNetV1Options extends ModelOptions {
  /** Before the last layer. Default 0. */
  dropout?: number | undefined;
}

/** Output channels and stride of each depthwise separable convolution: table 1 of the paper, after a 3x3 stem of 32, stride 2. */
const plan = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/**
 * A 3x3 convolution of each channel by itself, then a 1x1 convolution that mixes them, batch norm and ReLU behind both: an eighth
 * to a ninth of the multiply-adds of a full 3x3 convolution. Shapes: x [N, C, H, W] -> [N, O, ceil(H/stride), ceil(W/stride)].
 */
export class DepthwiseSeparable extends Sequential {
  constructor(inChannels: number, outChannels: number, stride: number) {
    super(
      new ConvNormActivation(inChannels, inChannels, { stride, groups: inChannels, activation: new ReLU() }),
      new ConvNormActivation(inChannels, outChannels, { kernelSize: 1, activation: new ReLU() }),
    );
  }
}

/**
 * MobileNet v1 as in the paper, with ReLU and padding of 1 on all sides. (TensorFlow's has ReLU6 and pads only below and right
 * where the stride is 2.)
 *
 * `widthMultiplier` is the paper's alpha: 1, 0.75, 0.5 or 0.25, or any other; its resolution multiplier is just the size of
 * the images. 4,231,976 parameters and 568.7 M multiply-adds at 1 and 224x224.
 *
 * Shapes: x [N, inChannels, H, W], any H and W from 1 (the last stage sees H/32) -> logits [N, numClasses].
 *
 * Source: Howard et al. 2017 (arXiv:1704.04861), table 1. Its last convolution is printed with stride 2, but its sizes need 1.
 */
export class MobileNetV1 extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(options: MobileNetV1Options = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('mobilenet_v1', options, ['dropout'], 1000);
    let channels = scaleWidth(32, widthMultiplier);
    this.features = new Sequential(new ConvNormActivation(inChannels, channels, { stride: 2, activation: new ReLU() }));
    for (const [outChannels, stride] of plan) {
      const width = scaleWidth(outChannels, widthMultiplier);
      this.features.push(new DepthwiseSeparable(channels, width, stride));
      channels = width;
    }
    this.classifier = new Sequential(new Dropout(options.dropout ?? 0), new Linear(channels, numClasses));
    initialize(this);
  }

  forward(x: Tensor): Tensor {
    expectImages('mobilenet_v1', x, (this.features.at(0) as ConvNormActivation).inChannels, 1);
    let y = this.features.forward(x); // [N, 1024, 7, 7]
    y = globalAvgPool2d(y); // [N, 1024]
    return this.classifier.forward(y); // [N, 1000]
  }
}

/** MobileNet, for 224x224 images. */
export const mobilenet_v1 = (options?: MobileNetV1Options): MobileNetV1 => new MobileNetV1(options);
