import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { AvgPool2d } from '../layers/avgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Cell, checkCell, formatCell } from './cell.js';
import { CellModule, ReluConvNorm } from './cellModule.js';

/** Options of `CellNetwork`. */
export interface CellNetworkOptions {
  /** Channels of the first stage; each later one has twice as many. Default 16. */
  channels?: number | undefined;
  /** Cells in each of the three stages. Default 5. */
  cells?: number | undefined;
  /** Default 10. */
  numClasses?: number | undefined;
  /** Channels of the images. Default 3. */
  inChannels?: number | undefined;
}

/** Halves the size and changes the channels: two 3x3 convolutions, beside a pooling and a 1x1 convolution. */
class ReductionBlock extends Module {
  readonly convA: ReluConvNorm;
  readonly convB: ReluConvNorm;
  readonly downsample: Sequential;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.convA = new ReluConvNorm(inChannels, outChannels, 3, 2);
    this.convB = new ReluConvNorm(outChannels, outChannels, 3);
    this.downsample = new Sequential(new AvgPool2d(2), new Conv2d(inChannels, outChannels, 1, { bias: false }));
  }

  forward(x: Tensor): Tensor {
    return add(this.downsample.forward(x), this.convB.forward(this.convA.forward(x)));
  }
}

/**
 * The network of NAS-Bench-201 around a cell: a 3x3 convolution, three stages of equal cells with a reduction between them, batch norm, ReLU,
 * global average pooling and a linear layer.
 *
 * Shapes: x [N, inChannels, H, W] with H and W divisible by 4 -> logits [N, numClasses].
 *
 * Source: Dong and Yang 2020, "NAS-Bench-201" (arXiv:2001.00326), section 2.1 and figure 1.
 *
 * @example
 * const model = new CellNetwork(parseCell('|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|'));
 */
export class CellNetwork extends Module {
  /** The first convolution and its batch norm. */
  readonly stem: Sequential;
  /** The cells of all stages, with the reductions between them. */
  readonly cells: Sequential;
  /** The batch norm before the pooling. */
  readonly lastNorm: BatchNorm2d;
  /** The last layer. */
  readonly classifier: Linear;

  constructor(
    /** The cell that all places have. */
    readonly cell: Cell,
    options: CellNetworkOptions = {},
  ) {
    super();
    checkOptions('CellNetwork', options, ['channels', 'cells', 'numClasses', 'inChannels']);
    checkCell('CellNetwork', cell);
    const channels = checkWhole('CellNetwork', 'channels', options.channels ?? 16, 1);
    const cells = checkWhole('CellNetwork', 'cells', options.cells ?? 5, 1);
    const numClasses = checkWhole('CellNetwork', 'numClasses', options.numClasses ?? 10, 1);
    const inChannels = checkWhole('CellNetwork', 'inChannels', options.inChannels ?? 3, 1);
    const stage = (width: number): Module[] => Array.from({ length: cells }, () => new CellModule(cell, width));
    this.stem = new Sequential(
      new Conv2d(inChannels, channels, 3, { padding: 1, bias: false }),
      new BatchNorm2d(channels),
    );
    this.cells = new Sequential(
      ...stage(channels),
      new ReductionBlock(channels, 2 * channels),
      ...stage(2 * channels),
      new ReductionBlock(2 * channels, 4 * channels),
      ...stage(4 * channels),
    );
    this.lastNorm = new BatchNorm2d(4 * channels);
    this.classifier = new Linear(4 * channels, numClasses);
  }

  forward(x: Tensor): Tensor {
    const y = this.cells.forward(this.stem.forward(x));
    return this.classifier.forward(globalAvgPool2d(this.lastNorm.forwardRelu(y)));
  }

  protected override describe(): string {
    return formatCell(this.cell);
  }
}
