import { AvgPool2d } from '../layers/avgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Identity } from '../layers/identity.js';
import { Module } from '../layers/module.js';
import { add } from '../tensor/ops/math/add.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { Tensor } from '../tensor/tensor.js';
import { CELL_EDGES, type Cell, type CellOperation, formatCell } from './cell.js';

/** ReLU, convolution, batch norm. Shapes: x [N, C, H, W] -> [N, O, H/stride, W/stride]. */
export class ReluConvNorm extends Module {
  /** The convolution. */
  readonly conv: Conv2d;
  /** The batch norm after it. */
  readonly norm: BatchNorm2d;

  constructor(inChannels: number, outChannels: number, kernelSize: number, stride = 1) {
    super();
    const padding = kernelSize >> 1;
    this.conv = new Conv2d(inChannels, outChannels, kernelSize, { stride, padding, bias: false });
    this.norm = new BatchNorm2d(outChannels);
  }

  forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(relu(x)));
  }
}

/**
 * A cell as a module: each node is the sum of the edges that lead to it. Edges that no image gets to, or that lead nowhere, have no module, so
 * that every parameter is trained; the benchmark counts their parameters too.
 *
 * Shapes: x [N, C, H, W] -> the same.
 *
 * Source: Dong and Yang 2020, "NAS-Bench-201" (arXiv:2001.00326), section 2.1.
 */
export class CellModule extends Module {
  /** The module of each edge that has one, by its name: `edge0to1`. */
  readonly edges: Record<string, Module> = {};

  constructor(
    /** The operations. */
    readonly cell: Cell,
    channels: number,
  ) {
    super();
    CELL_EDGES.forEach(([from, to], i) => {
      const module = isLive(cell, from, to) ? edgeModule(cell[i], channels) : null;
      if (module !== null) this.edges[`edge${from}to${to}`] = module;
    });
  }

  forward(x: Tensor): Tensor {
    const nodes: (Tensor | null)[] = [x, null, null, null];
    for (const [from, to] of CELL_EDGES) {
      const [input, sum, edge] = [nodes[from], nodes[to], this.edges[`edge${from}to${to}`]];
      if (input === null || edge === undefined) continue;
      const y = edge.forward(input);
      nodes[to] = sum === null ? y : add(sum, y);
    }
    return nodes[3] ?? Tensor.zeros(x.shape);
  }

  protected override describe(): string {
    return formatCell(this.cell);
  }
}

/** Whether a way from the input gets to the node `from`, and one from the node `to` gets to the output. */
function isLive(cell: Cell, from: number, to: number): boolean {
  const isOpen = (a: number, b: number): boolean =>
    CELL_EDGES.some(([start, end], i) => start === a && end === b && cell[i] !== 'none');
  const nodes = [0, 1, 2, 3];
  const isReached = (node: number): boolean =>
    node === 0 || nodes.some((n) => n < node && isOpen(n, node) && isReached(n));
  const leadsOut = (node: number): boolean =>
    node === 3 || nodes.some((n) => n > node && isOpen(node, n) && leadsOut(n));
  return isReached(from) && leadsOut(to);
}

function edgeModule(operation: CellOperation, channels: number): Module | null {
  switch (operation) {
    case 'none':
      return null;
    case 'skip_connect':
      return new Identity();
    case 'nor_conv_1x1':
      return new ReluConvNorm(channels, channels, 1);
    case 'nor_conv_3x3':
      return new ReluConvNorm(channels, channels, 3);
    case 'avg_pool_3x3':
      return new AvgPool2d(3, { stride: 1, padding: 1, countIncludePad: false });
  }
}
