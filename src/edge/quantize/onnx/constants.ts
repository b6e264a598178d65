import type { Graph } from '../../../graph/graph.js';
import { constantValues } from '../../../graph/passes/foldConstants.js';
import { Uses } from '../../../graph/passes/uses.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { runNode } from '../network/runNode.js';

/** Numbers of a graph that depend on weights and constants alone, computed when they are asked for. Tensors belong to the current scope. */
export class Constants {
  readonly #ids: ReadonlySet<number>;
  readonly #tensors: Map<number, Tensor>;
  readonly uses: Uses;

  constructor(readonly graph: Graph) {
    this.#ids = constantValues(graph);
    this.#tensors = new Map(graph.tensors);
    this.uses = new Uses(graph);
  }

  has(value: number | undefined): value is number {
    return value !== undefined && this.#ids.has(value);
  }

  tensor(value: number): Tensor {
    const known = this.#tensors.get(value);
    if (known !== undefined) return known;
    const maker = this.uses.maker(value);
    if (maker === undefined) throw new Error(`value ${value} is no constant`);
    for (const input of maker.inputs) this.tensor(input);
    runNode(maker, this.#tensors, (id) => this.graph.shapeOf(id));
    return this.#tensors.get(value) as Tensor;
  }

  /** The only number of a value; null where there are several, or they depend on the input. */
  number(value: number | undefined): number | null {
    if (!this.has(value)) return null;
    const { floats } = this.tensor(value);
    return floats.length === 1 ? (floats[0] as number) : null;
  }
}
