import { Dropout } from '../layers/dropout.js';
import { uniform } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { Sigmoid } from '../layers/sigmoid.js';
import { SiLU } from '../layers/silu.js';
import { StochasticDepth } from '../layers/stochasticDepth.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { ConvNormActivation } from './convNormActivation.js';
import { initialize } from './initialize.js';
import { expectImages } from './input.js';
import { makeDivisible } from './makeDivisible.js';
import { type ModelOptions, modelOptions } from './options.js';
import { SqueezeExcitation } from './squeezeExcitation.js';

/** Options of `EfficientNet`. */
export interface EfficientNetOptions extends ModelOptions {
  /** Before the last layer. Default 0.2. */
  dropout?: number | undefined;
  /** The probability of skipping the last block in training; it grows from 0 at the first. Default 0.2. */
  stochasticDepth?: number | undefined;
}

/** Expansion, size of filters, stride of the first block, output channels, blocks: table 1 of the paper, behind a stem of 32. */
const plan = [
  { expansion: 1, kernelSize: 3, stride: 1, out: 16, blocks: 1 },
  { expansion: 6, kernelSize: 3, stride: 2, out: 24, blocks: 2 },
  { expansion: 6, kernelSize: 5, stride: 2, out: 40, blocks: 2 },
  { expansion: 6, kernelSize: 3, stride: 2, out: 80, blocks: 3 },
  { expansion: 6, kernelSize: 5, stride: 1, out: 112, blocks: 3 },
  { expansion: 6, kernelSize: 5, stride: 2, out: 192, blocks: 4 },
  { expansion: 6, kernelSize: 3, stride: 1, out: 320, blocks: 1 },
] as const;

const total = plan.reduce((sum, { blocks }) => sum + blocks, 0);

/**
 * MobileNet v2's block with SiLU and squeeze-and-excitation; in training the branch is skipped with probability `drop`.
 * Shapes: x [N, C, H, W] -> [N, O, H/stride, W/stride].
 */
export class MbConv extends Module {
  readonly block: Sequential;
  readonly stochasticDepth: StochasticDepth;
  /** Whether the input is added to the output: same channels, stride 1. */
  readonly adds: boolean;

  constructor(
    inChannels: number,
    outChannels: number,
    { expansion, kernelSize, stride, drop }: { expansion: number; kernelSize: number; stride: number; drop: number },
  ) {
    super();
    const hidden = makeDivisible(inChannels * expansion);
    this.block = new Sequential();
    if (hidden !== inChannels) {
      this.block.push(new ConvNormActivation(inChannels, hidden, { kernelSize: 1, activation: new SiLU() }));
    }
    this.block.push(
      new ConvNormActivation(hidden, hidden, { kernelSize, stride, groups: hidden, activation: new SiLU() }),
      new SqueezeExcitation(hidden, Math.max(1, Math.floor(inChannels / 4)), new SiLU(), new Sigmoid()),
      new ConvNormActivation(hidden, outChannels, { kernelSize: 1 }),
    );
    this.stochasticDepth = new StochasticDepth(drop);
    this.adds = stride === 1 && inChannels === outChannels;
  }

  forward(x: Tensor): Tensor {
    const y = this.block.forward(x); // [N, O, P, Q]
    return this.adds ? add(this.stochasticDepth.forward(y), x) : y; // [N, O, P, Q]
  }
}

/**
 * EfficientNet-B0, torchvision's: the paper's table. 5,288,548 parameters and 385.8 M multiply-adds.
 *
 * `widthMultiplier` scales all channels, rounded by `makeDivisible`.
 *
 * Shapes: x [N, inChannels, H, W], any H and W from 1 (the last stage sees H/32) -> logits [N, numClasses].
 *
 * Source: Tan and Le 2019 (arXiv:1905.11946), table 1 and section 5.2.
 */
export class EfficientNet extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(options: EfficientNetOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(
      'efficientnet_b0',
      options,
      ['dropout', 'stochasticDepth'],
      1000,
    );
    const { dropout = 0.2, stochasticDepth = 0.2 } = options;
    let channels = makeDivisible(32 * widthMultiplier);
    this.features = new Sequential(new ConvNormActivation(inChannels, channels, { stride: 2, activation: new SiLU() }));
    let done = 0;
    for (const { out, blocks, stride, ...shape } of plan) {
      const width = makeDivisible(out * widthMultiplier);
      const stage = new Sequential();
      while (stage.length < blocks) {
        const drop = (stochasticDepth * done++) / total;
        stage.push(new MbConv(channels, width, { ...shape, drop, stride: stage.length === 0 ? stride : 1 }));
        channels = width;
      }
      this.features.push(stage);
    }
    this.features.push(new ConvNormActivation(channels, 4 * channels, { kernelSize: 1, activation: new SiLU() }));
    const head = new Linear(4 * channels, numClasses);
    this.classifier = new Sequential(new Dropout(dropout), head);
    initialize(this, 0);
    uniform(head.weight, -1 / Math.sqrt(numClasses), 1 / Math.sqrt(numClasses));
  }

  forward(x: Tensor): Tensor {
    expectImages('efficientnet_b0', x, (this.features.at(0) as ConvNormActivation).inChannels, 1);
    let y = this.features.forward(x); // [N, 1280, 7, 7]
    y = globalAvgPool2d(y); // [N, 1280]
    return this.classifier.forward(y); // [N, 1000]
  }
}

/** EfficientNet-B0, for 224x224 images. */
export const efficientnet_b0 = (options?: EfficientNetOptions): EfficientNet => new EfficientNet(options);
