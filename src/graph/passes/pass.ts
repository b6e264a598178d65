import type { Graph } from '../graph.js';
import type { GraphNode } from '../node.js';
import { Uses } from './uses.js';

/** A rewriting of a graph that leaves what it computes as it is, up to rounding. */
export type Pass = (graph: Graph) => Graph;

/** What takes the place of a node: other nodes, and one that it swallows. */
export interface Merged {
  readonly nodes: readonly GraphNode[];
  readonly swallowed?: GraphNode | undefined;
}

/**
 * Goes through the nodes in order; where `merge` returns something, it takes the place of the node, and the node that it swallows, whose only
 * reader it was, disappears. What `merge` is told about uses is true at each step.
 */
export function mergeNodes(graph: Graph, merge: (node: GraphNode, uses: Uses) => Merged | null): Graph {
  let nodes: readonly GraphNode[] = graph.nodes;
  let uses = new Uses(graph);
  for (const original of graph.nodes) {
    if (!nodes.includes(original)) continue;
    const merged = merge(original, uses);
    if (merged === null) continue;
    nodes = nodes.flatMap((node) => (node === original ? merged.nodes : node === merged.swallowed ? [] : [node]));
    uses = new Uses({ ...graph, nodes });
  }
  return graph.with({ nodes });
}

/** Adds values to a graph that a pass is about to return. */
export class NewValues {
  readonly #values;

  constructor(graph: Graph) {
    this.#values = [...graph.values];
  }

  add(shape: readonly number[]): number {
    return this.#values.push({ id: this.#values.length, kind: 'activation', shape, name: null }) - 1;
  }

  get values() {
    return this.#values;
  }
}
