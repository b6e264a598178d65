import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { expectImages } from '../models/input.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { concat } from '../tensor/ops/shape/concat.js';
import type { Tensor } from '../tensor/tensor.js';
import { ReluConvNorm } from './cellModule.js';
import { checkGenotype, DARTS_NODES, type DartsCell, type DartsGenotype } from './dartsGenotype.js';
import { dartsModule, FactorizedReduce } from './dartsOperations.js';

/** Options of `DartsNetwork`. */
export interface DartsNetworkOptions {
  /** Channels of a node in the first cells; twice as many after each reduction. Default 16; the paper's large networks have 36. */
  channels?: number | undefined;
  /** Cells, two of which reduce. Default 8; the paper's large networks have 20. */
  cells?: number | undefined;
  /** Default 10. */
  numClasses?: number | undefined;
  /** Channels of the images. Default 3. */
  inChannels?: number | undefined;
}

/** Where a cell is. */
interface Place {
  /** Channels of the two cells before, and of a node of this one. */
  channels: readonly [beforeLast: number, last: number, own: number];
  reduces: boolean;
  /** Whether the cell before this one has half the size of the one before that. */
  followsReduction: boolean;
}

/** A cell: four nodes, each the sum of two edges; the output is all of them. */
class DartsCellModule extends Module {
  readonly preprocess0: Module;
  readonly preprocess1: ReluConvNorm;
  readonly edges: readonly Module[];

  constructor(
    readonly cell: DartsCell,
    { channels: [beforeLast, last, own], reduces, followsReduction }: Place,
  ) {
    super();
    this.preprocess0 = followsReduction ? new FactorizedReduce(beforeLast, own) : new ReluConvNorm(beforeLast, own, 1);
    this.preprocess1 = new ReluConvNorm(last, own, 1);
    this.edges = cell.map(([operation, from]) => dartsModule(operation, own, reduces && from < 2 ? 2 : 1));
  }

  run(beforeLast: Tensor, last: Tensor): Tensor {
    const nodes = [this.preprocess0.forward(beforeLast), this.preprocess1.forward(last)];
    for (let i = 0; i < DARTS_NODES; i++) {
      const [a, b] = [2 * i, 2 * i + 1].map((k) => this.edges[k].forward(nodes[this.cell[k][1]]));
      nodes.push(add(a, b));
    }
    return concat(nodes.slice(2), 1);
  }

  forward(x: Tensor): Tensor {
    return this.run(x, x);
  }
}

/**
 * A network of the DARTS space for small images: a 3x3 convolution, cells of two kinds, global average pooling and a linear layer. The auxiliary head
 * and the dropping of paths in training are left out.
 *
 * Shapes: x [N, inChannels, H, W] with H and W divisible by 4 -> logits [N, numClasses].
 *
 * Source: Liu et al. 2019 (arXiv:1806.09055), section 3.2, and the network of the authors' code.
 */
export class DartsNetwork extends Module {
  /** The first convolution and its batch norm. */
  readonly stem: Sequential;
  /** The cells. */
  readonly cells: readonly Module[];
  /** The last layer. */
  readonly classifier: Linear;

  constructor(
    /** The two cells. */
    readonly genotype: DartsGenotype,
    options: DartsNetworkOptions = {},
  ) {
    super();
    checkOptions('DartsNetwork', options, ['channels', 'cells', 'numClasses', 'inChannels']);
    checkGenotype('DartsNetwork', genotype);
    let own = checkWhole('DartsNetwork', 'channels', options.channels ?? 16, 2);
    const count = checkWhole('DartsNetwork', 'cells', options.cells ?? 8, 3);
    const numClasses = checkWhole('DartsNetwork', 'numClasses', options.numClasses ?? 10, 1);
    const inChannels = checkWhole('DartsNetwork', 'inChannels', options.inChannels ?? 3, 1);
    this.stem = new Sequential(
      new Conv2d(inChannels, 3 * own, 3, { padding: 1, bias: false }),
      new BatchNorm2d(3 * own),
    );
    let [beforeLast, last, followsReduction] = [3 * own, 3 * own, false];
    this.cells = Array.from({ length: count }, (_, i) => {
      const reduces = i === Math.floor(count / 3) || i === Math.floor((2 * count) / 3);
      if (reduces) own *= 2;
      const cell = new DartsCellModule(reduces ? genotype.reduce : genotype.normal, {
        channels: [beforeLast, last, own],
        reduces,
        followsReduction,
      });
      [beforeLast, last, followsReduction] = [last, DARTS_NODES * own, reduces];
      return cell;
    });
    this.classifier = new Linear(last, numClasses);
  }

  forward(x: Tensor): Tensor {
    expectImages('DartsNetwork', x, (this.stem.at(0) as Conv2d).inChannels, 4);
    if (x.shape[2] % 4 !== 0 || x.shape[3] % 4 !== 0) {
      throw new ShapeError(
        `DartsNetwork: x is ${formatShape(x.shape)}, but height and width must be divisible by 4, since two cells halve them. Resize or pad the images.`,
      );
    }
    let last = this.stem.forward(x);
    let beforeLast = last;
    for (const cell of this.cells) [beforeLast, last] = [last, (cell as DartsCellModule).run(beforeLast, last)];
    return this.classifier.forward(globalAvgPool2d(last));
  }

  protected override describe(): string {
    return JSON.stringify(this.genotype);
  }
}
