import type { GraphParts } from '../parts.js';

/**
 * The values that depend on weights and constants alone. A plan computes them when it is made, and again when the weights have changed, instead of
 * in each call.
 */
export function constantValues(graph: GraphParts): ReadonlySet<number> {
  const constant = new Set<number>();
  for (const { id, kind } of graph.values) {
    if (kind === 'parameter' || kind === 'buffer' || kind === 'constant') constant.add(id);
  }
  for (const node of graph.nodes) {
    if (node.inputs.every((value) => constant.has(value))) for (const value of node.outputs) constant.add(value);
  }
  return constant;
}
