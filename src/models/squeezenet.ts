import { AdaptiveAvgPool2d } from '../layers/adaptiveAvgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Dropout } from '../layers/dropout.js';
import { constant, kaimingUniform, normal } from '../layers/init.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { concat } from '../tensor/ops/shape/concat.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `SqueezeNet`. */
export interface SqueezeNetOptions extends ModelOptions {
  /** Probability of dropping an input of the last convolution. Default 0.5, for CIFAR's variant 0. */
  dropout?: number | undefined;
}

/** Channels of a fire module: squeezed to, and expanded to by 1x1 and 3x3 filters each; 'M' halves the size. */
type Plan = readonly (readonly [squeeze: number, expand: number] | 'M')[];

interface Version {
  readonly name: string;
  /** Channels, filter, stride and padding of the first convolution. */
  readonly stem: readonly [channels: number, kernelSize: number, stride: number, padding: number];
  readonly plan: Plan;
  readonly batchNorm: boolean;
  /** The smallest image that all poolings take. */
  readonly least: number;
  readonly classes: number;
  readonly dropout: number;
}

/** Version 1.0 is table 1 of the paper; 1.1 pools earlier and costs 2.4 times less. */
const versions = {
  '1.0': {
    name: 'squeezenet1_0',
    stem: [96, 7, 2, 0],
    plan: ['M', [16, 64], [16, 64], [32, 128], 'M', [32, 128], [48, 192], [48, 192], [64, 256], 'M', [64, 256]],
    batchNorm: false,
    least: 21,
    classes: 1000,
    dropout: 0.5,
  },
  '1.1': {
    name: 'squeezenet1_1',
    stem: [64, 3, 2, 0],
    plan: ['M', [16, 64], [16, 64], 'M', [32, 128], [32, 128], 'M', [48, 192], [48, 192], [64, 256], [64, 256]],
    batchNorm: false,
    least: 17,
    classes: 1000,
    dropout: 0.5,
  },
  cifar: {
    name: 'squeezenet_cifar',
    stem: [64, 3, 1, 1],
    plan: [[16, 64], [16, 64], 'M', [32, 128], [32, 128], 'M', [48, 192], [48, 192], [64, 256], [64, 256]],
    batchNorm: true,
    least: 5,
    classes: 10,
    dropout: 0,
  },
} as const satisfies Record<string, Version>;

/** The versions of SqueezeNet. */
export type SqueezeNetVersion = keyof typeof versions;

/**
 * Squeezes the channels by 1x1 filters, then expands them by 1x1 and 3x3 filters side by side.
 *
 * Shapes: x [N, inChannels, H, W] -> [N, 2 expand, H, W].
 */
export class Fire extends Module {
  readonly squeeze: Conv2d;
  readonly squeeze_norm: BatchNorm2d | null;
  readonly expand1x1: Conv2d;
  readonly expand3x3: Conv2d;
  readonly expand_norm: BatchNorm2d | null;

  constructor(inChannels: number, squeeze: number, expand: number, batchNorm: boolean) {
    super();
    this.squeeze = convolution(inChannels, squeeze, 1);
    this.squeeze_norm = batchNorm ? new BatchNorm2d(squeeze) : null;
    this.expand1x1 = convolution(squeeze, expand, 1);
    this.expand3x3 = convolution(squeeze, expand, 3, 1, 1);
    this.expand_norm = batchNorm ? new BatchNorm2d(2 * expand) : null;
  }

  forward(x: Tensor): Tensor {
    const squeezed = this.squeeze.forward(x); // [N, S, H, W]
    const s = relu(this.squeeze_norm?.forward(squeezed) ?? squeezed); // [N, S, H, W]
    const one = this.expand1x1.forward(s); // [N, E, H, W]
    const three = this.expand3x3.forward(s); // [N, E, H, W]
    const y = concat([one, three], 1); // [N, O, H, W]
    return relu(this.expand_norm?.forward(y) ?? y); // [N, O, H, W]
  }
}

/**
 * torchvision's `squeezenet1_0` and `squeezenet1_1`: a convolution, eight fire modules, and a convolution to the classes whose
 * mean over all pixels is the logit. And `squeezenet_cifar`, version 1.1 for 32x32 images: the first convolution keeps their
 * size, two poolings are left, and batch norm stands behind each half of a fire module.
 *
 * | version                    | 1.0       | 1.1       | cifar   |
 * |----------------------------|-----------|-----------|---------|
 * | parameters                 | 1,248,424 | 1,235,496 | 733,514 |
 * | multiply-adds at 224 or 32 | 819 M     | 349 M     | 89 M    |
 * | smallest image             | 21        | 17        | 5       |
 *
 * Field names are torchvision's, whose weights load unchanged.
 *
 * Shapes: x [N, inChannels, H, W] -> logits [N, numClasses].
 *
 * Numerics: in versions 1.0 and 1.1 no logit is below 0, since the paper has a ReLU behind the last convolution; a class whose logits
 * become 0 on all images gets no gradient any more. The variant for CIFAR leaves that ReLU out.
 *
 * Source: Iandola et al. 2016 (arXiv:1602.07360), table 1; version 1.1 from its authors' repository. Weights start as in
 * torchvision.
 */
export class SqueezeNet extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(
    /** Which of the versions this is. */
    readonly version: SqueezeNetVersion,
    options: SqueezeNetOptions = {},
  ) {
    super();
    const { name, stem, plan, batchNorm, classes, dropout }: Version = versions[version];
    const { numClasses, inChannels, widthMultiplier } = modelOptions(name, options, ['dropout'], classes);
    const scale = (width: number): number => scaleWidth(width, widthMultiplier);
    const [width, kernelSize, stride, padding] = stem;
    let channels = scale(width);
    this.features = new Sequential(convolution(inChannels, channels, kernelSize, stride, padding));
    if (batchNorm) this.features.push(new BatchNorm2d(channels));
    this.features.push(new ReLU());
    for (const entry of plan) {
      if (entry === 'M') {
        this.features.push(new MaxPool2d(3, { stride: 2, ceilMode: true }));
        continue;
      }
      const [squeeze, expand] = entry.map(scale);
      this.features.push(new Fire(channels, squeeze, expand, batchNorm));
      channels = 2 * expand;
    }
    const last = convolution(channels, numClasses, 1);
    normal(last.weight, 0, 0.01);
    this.classifier = new Sequential(
      ...[new Dropout(options.dropout ?? dropout), last],
      ...(batchNorm ? [] : [new ReLU()]),
      new AdaptiveAvgPool2d(1),
    );
  }

  forward(x: Tensor): Tensor {
    const { name, least } = versions[this.version];
    expectImages(name, x, (this.features.at(0) as Conv2d).inChannels, least);
    let y = this.features.forward(x); // [N, 512, P, Q]
    y = this.classifier.forward(y); // [N, K, 1, 1]
    return flatten(y); // [N, K]
  }
}

function convolution(inChannels: number, outChannels: number, kernelSize: number, stride = 1, padding = 0): Conv2d {
  const conv = new Conv2d(inChannels, outChannels, kernelSize, { stride, padding });
  kaimingUniform(conv.weight);
  constant(conv.bias as Parameter, 0);
  return conv;
}

/** SqueezeNet 1.0, as in the paper. */
export const squeezenet1_0 = (options?: SqueezeNetOptions): SqueezeNet => new SqueezeNet('1.0', options);
/** SqueezeNet 1.1: the accuracy of 1.0 for 2.4 times less computation. */
export const squeezenet1_1 = (options?: SqueezeNetOptions): SqueezeNet => new SqueezeNet('1.1', options);
/** SqueezeNet for 32x32 images. */
export const squeezenet_cifar = (options?: SqueezeNetOptions): SqueezeNet => new SqueezeNet('cifar', options);
