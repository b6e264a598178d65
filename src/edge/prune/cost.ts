import { sizeOf } from '../../base/shape.js';
import type { Graph } from '../../graph/index.js';
import type { KeptAxes } from './keptAxes.js';

/** The multiply-adds of one operation: `each` for every pair of an output and an input channel that are left. */
interface Product {
  readonly each: number;
  readonly weight: number;
  readonly sizes: readonly [number, number];
}

/** Multiply-adds of a model for one input, whatever is left of its channels. */
export class Cost {
  readonly #products: readonly Product[];
  readonly #rest: number;

  constructor(graph: Graph) {
    const products: Product[] = [];
    let rest = 0;
    for (const { op, inputs, outputs } of graph.nodes) {
      if (!['conv2d', 'convTranspose2d', 'linear', 'matmul'].includes(op)) continue;
      const [x, y] = [graph.shapeOf(inputs[0]), graph.shapeOf(outputs[0])];
      const w = graph.shapeOf(inputs[1]);
      if (op === 'matmul' && w.length !== 2) {
        rest += sizeOf(y) * (x.at(-1) ?? 1);
        continue;
      }
      // Each number of the wider side meets one filter window: outputs of a convolution, inputs of a transposed one.
      const [many, channels] = op === 'convTranspose2d' ? [x, w[0]] : [y, op === 'matmul' ? w[1] : w[0]];
      const each = (sizeOf(many) / channels) * sizeOf(w.slice(2));
      products.push({ each, weight: inputs[1], sizes: [w[0], w[1]] });
    }
    this.#products = products;
    this.#rest = rest;
  }

  /** Multiply-adds with what is left; without an argument, with all channels. */
  macs(left?: KeptAxes): number {
    let total = this.#rest;
    for (const { each, weight, sizes } of this.#products) {
      const [a, b] = sizes.map((size, axis) => left?.of(weight, axis, size) ?? size);
      total += each * a * b;
    }
    return total;
  }
}
