import { AvgPool2d } from '../layers/avgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Dropout } from '../layers/dropout.js';
import { constant, kaimingNormal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { concat } from '../tensor/ops/shape/concat.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `DenseNet`. */
export interface DenseNetOptions extends ModelOptions {
  /** Probability of dropping an output of a dense layer; the paper has 0.2 where it does not augment. Default 0. */
  dropout?: number | undefined;
}

interface Plan {
  /** Channels that each layer adds. */
  readonly growth: number;
  /** Channels of the first convolution. */
  readonly stem: number;
  /** Layers of each of the four blocks. */
  readonly layers: readonly number[];
}

/** Table 1 of the paper, with the wider 161 of its table 2. */
const plans = {
  121: { growth: 32, stem: 64, layers: [6, 12, 24, 16] },
  161: { growth: 48, stem: 96, layers: [6, 12, 36, 24] },
  169: { growth: 32, stem: 64, layers: [6, 12, 32, 32] },
  201: { growth: 32, stem: 64, layers: [6, 12, 48, 32] },
} as const satisfies Record<number, Plan>;

/** The depths that torchvision has. */
export type DenseNetDepth = keyof typeof plans;

/**
 * Adds `growth` channels to what it is given, by a 1x1 convolution to four times as many and a 3x3 convolution, each behind its
 * batch norm and ReLU. So each layer of a block sees what all layers before it made.
 *
 * Shapes: x [N, C, H, W] -> [N, C + growth, H, W].
 */
export class DenseLayer extends Module {
  readonly norm1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly norm2: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly dropout: Dropout;

  constructor(inChannels: number, growth: number, dropout: number) {
    super();
    this.norm1 = new BatchNorm2d(inChannels);
    this.conv1 = convolution(inChannels, 4 * growth, 1);
    this.norm2 = new BatchNorm2d(4 * growth);
    this.conv2 = convolution(4 * growth, growth, 3, 1, 1);
    this.dropout = new Dropout(dropout);
  }

  forward(x: Tensor): Tensor {
    let y = this.conv1.forward(relu(this.norm1.forward(x))); // [N, B, H, W]
    y = this.conv2.forward(relu(this.norm2.forward(y))); // [N, G, H, W]
    return concat([x, this.dropout.forward(y)], 1); // [N, C, H, W]
  }
}

/** Between blocks: half the channels, half the size. Shapes: x [N, C, H, W] -> [N, outChannels, H / 2, W / 2]. */
export class DenseTransition extends Sequential {
  constructor(inChannels: number, outChannels: number) {
    super({
      norm: new BatchNorm2d(inChannels),
      relu: new ReLU(),
      conv: convolution(inChannels, outChannels, 1),
      pool: new AvgPool2d(2),
    });
  }
}

/**
 * torchvision's `densenet121`, 161, 169 and 201: four blocks in which every layer sees all layers before it.
 *
 * | depth                    | 121       | 161        | 169        | 201        |
 * |--------------------------|-----------|------------|------------|------------|
 * | parameters               | 7,978,856 | 28,681,000 | 14,149,480 | 20,013,928 |
 * | multiply-adds at 224x224 | 2.83 G    | 7.73 G     | 3.36 G     | 4.29 G     |
 *
 * Field names are torchvision's, whose weights load unchanged (those of 2017 after renaming `norm.1` to `norm1`, and so on).
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 29 -> logits [N, numClasses].
 *
 * Source: Huang et al. 2017 (arXiv:1608.06993), table 1, the DenseNet-BC kind; weights start as in He et al. 2015
 * (arXiv:1502.01852).
 */
export class DenseNet extends Module {
  readonly features: Sequential;
  readonly classifier: Linear;

  constructor(
    /** Layers with weights. */
    readonly depth: DenseNetDepth,
    options: DenseNetOptions = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(`densenet${depth}`, options, ['dropout'], 1000);
    const { dropout = 0 } = options;
    const plan: Plan = plans[depth];
    const growth = scaleWidth(plan.growth, widthMultiplier);
    let channels = scaleWidth(plan.stem, widthMultiplier);
    const parts = new Map<string, Module>([
      ['conv0', convolution(inChannels, channels, 7, 2, 3)],
      ['norm0', new BatchNorm2d(channels)],
      ['relu0', new ReLU()],
      ['pool0', new MaxPool2d(3, { stride: 2, padding: 1 })],
    ]);
    for (const [i, layers] of plan.layers.entries()) {
      const block = new Map<string, Module>();
      for (let k = 1; k <= layers; k++) {
        block.set(`denselayer${k}`, new DenseLayer(channels, growth, dropout));
        channels += growth;
      }
      parts.set(`denseblock${i + 1}`, new Sequential(block));
      if (i === plan.layers.length - 1) break;
      const half = Math.floor(channels / 2);
      parts.set(`transition${i + 1}`, new DenseTransition(channels, half));
      channels = half;
    }
    parts.set('norm5', new BatchNorm2d(channels));
    this.features = new Sequential(parts);
    this.classifier = new Linear(channels, numClasses);
    constant(this.classifier.bias as Parameter, 0);
  }

  forward(x: Tensor): Tensor {
    expectImages(`densenet${this.depth}`, x, (this.features.at(0) as Conv2d).inChannels, 29);
    let y = relu(this.features.forward(x)); // [N, C, P, Q]
    y = globalAvgPool2d(y); // [N, C]
    return this.classifier.forward(y); // [N, 1000]
  }
}

function convolution(inChannels: number, outChannels: number, kernelSize: number, stride = 1, padding = 0): Conv2d {
  const conv = new Conv2d(inChannels, outChannels, kernelSize, { stride, padding, bias: false });
  kaimingNormal(conv.weight);
  return conv;
}

/** DenseNet-121: blocks of 6, 12, 24 and 16 layers, growth rate 32. */
export const densenet121 = (options?: DenseNetOptions): DenseNet => new DenseNet(121, options);
/** DenseNet-161: blocks of 6, 12, 36 and 24 layers, growth rate 48. */
export const densenet161 = (options?: DenseNetOptions): DenseNet => new DenseNet(161, options);
/** DenseNet-169: blocks of 6, 12, 32 and 32 layers, growth rate 32. */
export const densenet169 = (options?: DenseNetOptions): DenseNet => new DenseNet(169, options);
/** DenseNet-201: blocks of 6, 12, 48 and 32 layers, growth rate 32. */
export const densenet201 = (options?: DenseNetOptions): DenseNet => new DenseNet(201, options);
