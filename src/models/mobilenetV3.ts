import { Dropout } from '../layers/dropout.js';
import { HardSigmoid } from '../layers/hardSigmoid.js';
import { HardSwish } from '../layers/hardSwish.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { ConvNormActivation } from './convNormActivation.js';
import { initialize } from './initialize.js';
import { expectImages } from './input.js';
import { makeDivisible } from './makeDivisible.js';
import { type ModelOptions, modelOptions } from './options.js';
import { SqueezeExcitation } from './squeezeExcitation.js';

/** Options of `MobileNetV3`. */
export interface MobileNetV3Options extends ModelOptions {
  /** Before the last layer. Default 0.2. */
  dropout?: number | undefined;
}

/** A block: size of its filters, expanded and output channels, squeeze-and-excitation, activation, stride. */
type Row = readonly [
  kernelSize: number,
  expanded: number,
  out: number,
  se: 'SE' | '-',
  activation: 'RE' | 'HS',
  s: number,
];

/** Tables 1 and 2 of the paper, behind a stem of 16 channels and stride 2; then a 1x1 convolution to 6 times the last width. */
const plans: Record<MobileNetV3Name, { rows: readonly Row[]; head: number }> = {
  mobilenet_v3_large: {
    rows: [
      [3, 16, 16, '-', 'RE', 1],
      [3, 64, 24, '-', 'RE', 2],
      [3, 72, 24, '-', 'RE', 1],
      [5, 72, 40, 'SE', 'RE', 2],
      [5, 120, 40, 'SE', 'RE', 1],
      [5, 120, 40, 'SE', 'RE', 1],
      [3, 240, 80, '-', 'HS', 2],
      [3, 200, 80, '-', 'HS', 1],
      [3, 184, 80, '-', 'HS', 1],
      [3, 184, 80, '-', 'HS', 1],
      [3, 480, 112, 'SE', 'HS', 1],
      [3, 672, 112, 'SE', 'HS', 1],
      [5, 672, 160, 'SE', 'HS', 2],
      [5, 960, 160, 'SE', 'HS', 1],
      [5, 960, 160, 'SE', 'HS', 1],
    ],
    head: 1280,
  },
  mobilenet_v3_small: {
    rows: [
      [3, 16, 16, 'SE', 'RE', 2],
      [3, 72, 24, '-', 'RE', 2],
      [3, 88, 24, '-', 'RE', 1],
      [5, 96, 40, 'SE', 'HS', 2],
      [5, 240, 40, 'SE', 'HS', 1],
      [5, 240, 40, 'SE', 'HS', 1],
      [5, 120, 48, 'SE', 'HS', 1],
      [5, 144, 48, 'SE', 'HS', 1],
      [5, 288, 96, 'SE', 'HS', 2],
      [5, 576, 96, 'SE', 'HS', 1],
      [5, 576, 96, 'SE', 'HS', 1],
    ],
    head: 1024,
  },
};

/** The variants of MobileNetV3. */
export type MobileNetV3Name = 'mobilenet_v3_large' | 'mobilenet_v3_small';

/** Every batch norm of the family. */
const norm = { eps: 0.001, momentum: 0.01 } as const;

/** MobileNet v2's block with squeeze-and-excitation behind the depthwise convolution. Shapes: x [N, C, H, W] -> [N, O, P, Q]. */
export class MobileBlock extends Module {
  readonly block: Sequential;
  /** Whether the input is added to the output: same channels, stride 1. */
  readonly adds: boolean;

  constructor(inChannels: number, [kernelSize, expanded, out, se, activation, stride]: Row) {
    super();
    const act = (): Module => (activation === 'HS' ? new HardSwish() : new ReLU());
    this.block = new Sequential();
    if (expanded !== inChannels) {
      this.block.push(new ConvNormActivation(inChannels, expanded, { kernelSize: 1, norm, activation: act() }));
    }
    this.block.push(
      new ConvNormActivation(expanded, expanded, { kernelSize, stride, groups: expanded, norm, activation: act() }),
    );
    if (se === 'SE') {
      const squeezed = makeDivisible(Math.floor(expanded / 4));
      this.block.push(new SqueezeExcitation(expanded, squeezed, new ReLU(), new HardSigmoid()));
    }
    this.block.push(new ConvNormActivation(expanded, out, { kernelSize: 1, norm }));
    this.adds = stride === 1 && inChannels === out;
  }

  forward(x: Tensor): Tensor {
    const y = this.block.forward(x); // [N, O, P, Q]
    return this.adds ? add(x, y) : y; // [N, O, P, Q]
  }
}

/**
 * MobileNet v3, large (5,483,032 parameters, 216.6 M multiply-adds) and small (2,542,856 and 56.5 M): torchvision's, which has the
 * paper's tables with batch norm behind every convolution but those of squeeze-and-excitation.
 *
 * `widthMultiplier` scales all channels, rounded by `makeDivisible`.
 *
 * Shapes: x [N, inChannels, H, W], any H and W from 1 (the last stage sees H/32) -> logits [N, numClasses].
 *
 * Source: Howard et al. 2019 (arXiv:1905.02244), tables 1 and 2.
 */
export class MobileNetV3 extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(
    /** Which of the variants this is. */
    readonly variant: MobileNetV3Name,
    options: MobileNetV3Options = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(variant, options, ['dropout'], 1000);
    const { rows, head } = plans[variant];
    const scale = (channels: number): number => makeDivisible(channels * widthMultiplier);
    let channels = scale(16);
    this.features = new Sequential(
      new ConvNormActivation(inChannels, channels, { stride: 2, norm, activation: new HardSwish() }),
    );
    for (const [kernelSize, expanded, out, se, activation, stride] of rows) {
      const row: Row = [kernelSize, scale(expanded), scale(out), se, activation, stride];
      this.features.push(new MobileBlock(channels, row));
      channels = scale(out);
    }
    const last = 6 * channels;
    this.features.push(new ConvNormActivation(channels, last, { kernelSize: 1, norm, activation: new HardSwish() }));
    this.classifier = new Sequential(
      new Linear(last, scale(head)),
      new HardSwish(),
      new Dropout(options.dropout ?? 0.2),
      new Linear(scale(head), numClasses),
    );
    initialize(this, 0.01);
  }

  forward(x: Tensor): Tensor {
    expectImages(this.variant, x, (this.features.at(0) as ConvNormActivation).inChannels, 1);
    let y = this.features.forward(x); // [N, C, 7, 7]
    y = globalAvgPool2d(y); // [N, C]
    return this.classifier.forward(y); // [N, 1000]
  }
}

/** MobileNetV3-Large, for 224x224 images. */
export const mobilenet_v3_large = (options?: MobileNetV3Options): MobileNetV3 =>
  new MobileNetV3('mobilenet_v3_large', options);
/** MobileNetV3-Small, for 224x224 images. */
export const mobilenet_v3_small = (options?: MobileNetV3Options): MobileNetV3 =>
  new MobileNetV3('mobilenet_v3_small', options);
