import type { Graph } from '../graph.js';

/** Leaves out the nodes whose results nobody reads. */
export function removeDead(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((value) => needed.has(value))) return false;
    for (const value of node.inputs) needed.add(value);
    return true;
  });
  return graph.with({ nodes: nodes.reverse() });
}
