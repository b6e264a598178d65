import { sizeOf } from '../../base/shape.js';
import type { GraphNode } from '../node.js';
import { type GraphParts, shapeOf } from '../parts.js';

/** Where a value lies: `offset` floats behind the beginning of another value, or of its own memory. */
export interface Place {
  readonly base: number;
  readonly offset: number;
}

/** Kernels that write y[i] when they have read the i-th number of an operand of y's size, and nothing later. */
const ELEMENTWISE =
  /^(relu|relu6|leakyRelu|elu|gelu|geluTanh|silu|hardSwish|hardSigmoid|sigmoid|tanh|exp|log|sqrt|abs|scale|add|sub|mul|div|addRelu|batchNorm)$/;

/**
 * Which values share memory: views with what they are views of, parts of a concatenation with the whole where they lie in one piece, and the result
 * of an elementwise operation with an operand that nobody reads afterwards.
 */
export class Places {
  readonly #place = new Map<number, Place>();
  readonly #size: (value: number) => number;
  /** Reads of each value: the last node, and the end for outputs. */
  readonly #lastUse: ReadonlyMap<number, number>;

  constructor(
    readonly graph: GraphParts,
    readonly fixed: ReadonlySet<number>,
  ) {
    this.#size = (value) => sizeOf(shapeOf(graph, value));
    this.#lastUse = lastUses(graph);
    for (const node of graph.nodes) if (node.isView) this.#join(node.outputs[0] as number, node.inputs[0] as number);
    for (const node of graph.nodes.toReversed()) if (node.op === 'concat') this.#placeParts(node);
    for (const [at, node] of graph.nodes.entries()) this.#placeInPlace(node, at);
  }

  of(value: number): Place {
    const place = this.#place.get(value);
    if (place === undefined) return { base: value, offset: 0 };
    const outer = this.of(place.base);
    return { base: outer.base, offset: outer.offset + place.offset };
  }

  /** Whether the part of a concatenation is where it belongs, so that it need not be copied. */
  isInPlace(part: number, whole: number, offset: number): boolean {
    const [p, w] = [this.of(part), this.of(whole)];
    return p.base === w.base && p.offset === w.offset + offset;
  }

  /** The values that lie in the memory of `base`. */
  within(base: number): number[] {
    return this.graph.values.map(({ id }) => id).filter((id) => this.of(id).base === base);
  }

  #join(value: number, base: number, offset = 0): void {
    this.#place.set(value, { base, offset });
  }

  /** The concatenation needs no copy if a later one has already placed its parts one after another. */
  #placeParts(node: GraphNode): void {
    const [whole = -1] = node.outputs;
    if (!isOneBehindTheOther(this.graph, node)) return;
    const parts = node.inputs;
    const begins = offsetsOf(parts.map(this.#size));
    const first = this.of(parts[0] as number);
    const own = this.of(whole);
    const aligned = parts.every((part, i) => {
      const place = this.of(part);
      return place.base === first.base && place.offset === first.offset + (begins[i] as number);
    });
    if (parts.length > 1 && aligned && own.base === whole && first.base !== whole && !this.fixed.has(first.base)) {
      this.#join(whole, first.base, first.offset);
      return;
    }
    for (const [i, part] of parts.entries()) {
      const isFree = this.of(part).base === part && !this.fixed.has(part) && own.base !== part;
      const once = parts.indexOf(part) === i && parts.lastIndexOf(part) === i;
      if (isFree && once) this.#join(part, whole, begins[i]);
    }
  }

  #placeInPlace(node: GraphNode, at: number): void {
    const [call] = node.kernels;
    if (node.kernels.length !== 1 || call === undefined || !('args' in call) || !ELEMENTWISE.test(call.name)) return;
    const [y = -1, ...scratch] = node.outputs;
    if (scratch.length > 0 || this.fixed.has(y)) return;
    const operand = node.inputs.find((x) => {
      if (this.#size(x) !== this.#size(y) || node.inputs.filter((other) => other === x).length > 1) return false;
      const { base } = this.of(x);
      if (base !== x || this.fixed.has(x) || this.of(y).base === x) return false;
      return this.within(x).every((value) => (this.#lastUse.get(value) ?? -1) <= at);
    });
    if (operand !== undefined) this.#join(operand, y);
  }
}

/** The node at which each value is read last; behind the last node for outputs. */
export function lastUses(graph: GraphParts): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  for (const [at, node] of graph.nodes.entries()) for (const value of node.inputs) uses.set(value, at);
  for (const value of graph.outputs) uses.set(value, graph.nodes.length);
  return uses;
}

/** Whether a concatenation copies each part in one piece: nothing lies around its axis. */
export function isOneBehindTheOther(graph: GraphParts, node: GraphNode): boolean {
  const axis = node.attributes.axis as number;
  return sizeOf(shapeOf(graph, node.outputs[0] as number).slice(0, axis)) === 1;
}

export function offsetsOf(sizes: readonly number[]): number[] {
  let sum = 0;
  return sizes.map((size) => {
    sum += size;
    return sum - size;
  });
}
