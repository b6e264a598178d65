import type { GraphNode } from '../node.js';
import type { GraphParts } from '../parts.js';

/** Who makes and who reads each value of a graph. */
export class Uses {
  readonly #maker = new Map<number, GraphNode>();
  readonly #count = new Map<number, number>();

  constructor(graph: GraphParts) {
    for (const node of graph.nodes) {
      for (const value of node.outputs) this.#maker.set(value, node);
      for (const value of node.inputs) this.#count.set(value, this.of(value) + 1);
    }
    for (const value of graph.outputs) this.#count.set(value, this.of(value) + 1);
  }

  /** How often a value is read; being an output of the graph counts. */
  of(value: number): number {
    return this.#count.get(value) ?? 0;
  }

  /** The node that makes a value; none makes inputs and weights. */
  maker(value: number): GraphNode | undefined {
    return this.#maker.get(value);
  }

  /** The node that makes a value which nobody else reads. */
  onlyFor(value: number): GraphNode | undefined {
    return this.of(value) === 1 ? this.maker(value) : undefined;
  }
}
