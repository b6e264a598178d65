import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { ReLU6 } from '../layers/relu6.js';
import { Sequential } from '../layers/sequential.js';
import { ConvNormActivation } from '../models/convNormActivation.js';
import { initialize } from '../models/initialize.js';
import { expectImages } from '../models/input.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BlockStage } from './blockSpace.js';

/** Options of `BlockNetwork`. */
export interface BlockNetworkOptions {
  /** Channels of the first convolution. Default 16. */
  stem?: number | undefined;
  /** Its stride: 2 for large images. Default 1. */
  stemStride?: number | undefined;
  /** Channels of the 1x1 convolution before the pooling. Default: 4 times those of the last stage. */
  last?: number | undefined;
  /** Default 10. */
  numClasses?: number | undefined;
  /** Channels of the images. Default 3. */
  inChannels?: number | undefined;
}

/**
 * The inverted residual of MobileNet v2 with filters of any odd size: 1x1 convolution to `expansion` times the channels, one filter for each channel,
 * 1x1 back; x is added where sizes allow. Shapes: x [N, C, H, W] -> [N, O, H/stride, W/stride].
 */
class SearchedBlock extends Module {
  readonly conv: Sequential;
  readonly adds: boolean;

  constructor(inChannels: number, { width, kernel, expansion }: BlockStage, stride: number) {
    super();
    const hidden = inChannels * expansion;
    this.conv = new Sequential();
    if (expansion !== 1) {
      this.conv.push(new ConvNormActivation(inChannels, hidden, { kernelSize: 1, activation: new ReLU6() }));
    }
    this.conv.push(
      new ConvNormActivation(hidden, hidden, { kernelSize: kernel, stride, groups: hidden, activation: new ReLU6() }),
      new Conv2d(hidden, width, 1, { bias: false }),
      new BatchNorm2d(width),
    );
    this.adds = stride === 1 && inChannels === width;
  }

  forward(x: Tensor): Tensor {
    const y = this.conv.forward(x);
    return this.adds ? add(x, y) : y;
  }
}

/**
 * A network like MobileNet v2 from a list of stages: a 3x3 convolution, the blocks, a 1x1 convolution, global average pooling and a linear layer.
 *
 * Shapes: x [N, inChannels, H, W] -> logits [N, numClasses].
 *
 * Source: Sandler et al. 2018 (arXiv:1801.04381), with kernel sizes as in Cai et al. 2019, "ProxylessNAS" (arXiv:1812.00332).
 *
 * @example
 * new BlockNetwork([{ depth: 2, width: 24, kernel: 5, expansion: 3, stride: 1 }], { numClasses: 10 });
 */
export class BlockNetwork extends Module {
  /** The first convolution, the blocks of all stages and the last convolution. */
  readonly features: Sequential;
  /** The last layer. */
  readonly classifier: Linear;

  constructor(
    /** The stages. */
    readonly stages: readonly BlockStage[],
    options: BlockNetworkOptions = {},
  ) {
    super();
    checkOptions('BlockNetwork', options, ['stem', 'stemStride', 'last', 'numClasses', 'inChannels']);
    checkStages(stages);
    let channels = checkWhole('BlockNetwork', 'stem', options.stem ?? 16, 1);
    const stride = checkWhole('BlockNetwork', 'stemStride', options.stemStride ?? 1, 1);
    const last = checkWhole('BlockNetwork', 'last', options.last ?? 4 * (stages.at(-1) as BlockStage).width, 1);
    const numClasses = checkWhole('BlockNetwork', 'numClasses', options.numClasses ?? 10, 1);
    const inChannels = checkWhole('BlockNetwork', 'inChannels', options.inChannels ?? 3, 1);
    this.features = new Sequential(new ConvNormActivation(inChannels, channels, { stride, activation: new ReLU6() }));
    for (const stage of stages) {
      for (let i = 0; i < stage.depth; i++) {
        this.features.push(new SearchedBlock(channels, stage, i === 0 ? stage.stride : 1));
        channels = stage.width;
      }
    }
    this.features.push(new ConvNormActivation(channels, last, { kernelSize: 1, activation: new ReLU6() }));
    this.classifier = new Linear(last, numClasses);
    initialize(this, 0.01);
  }

  forward(x: Tensor): Tensor {
    expectImages('BlockNetwork', x, (this.features.at(0) as ConvNormActivation).inChannels, 1);
    return this.classifier.forward(globalAvgPool2d(this.features.forward(x)));
  }

  protected override describe(): string {
    return this.stages
      .map(({ depth, width, kernel, expansion }) => `${depth} x ${width}, ${kernel}x${kernel}, expansion ${expansion}`)
      .join('; ');
  }
}

function checkStages(stages: readonly BlockStage[]): void {
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new ArgumentError(
      'BlockNetwork: there are no stages. Pass a list of { depth, width, kernel, expansion, stride }.',
    );
  }
  for (const [i, stage] of stages.entries()) {
    for (const name of ['depth', 'width', 'kernel', 'expansion', 'stride'] as const) {
      checkWhole('BlockNetwork', `stages[${i}].${name}`, stage[name], 1);
    }
    if (stage.kernel % 2 === 0) {
      throw new ArgumentError(`BlockNetwork: stages[${i}].kernel is ${stage.kernel}, but must be odd.`);
    }
  }
}
