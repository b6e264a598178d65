import { sameShape } from '../../base/shape.js';
import type { Graph, GraphNode } from '../../graph/index.js';

/**
 * The residual blocks of a model that can be left out: modules that add something to their input and return that, in the same shape. Only the
 * innermost ones count.
 */
export function residualBlocks(graph: Graph): string[] {
  const inside = (node: GraphNode, call: number): boolean => {
    for (let at: number | null = node.call; at !== null; at = graph.calls[at]?.parent ?? null)
      if (at === call) return true;
    return false;
  };
  const found: { name: string; call: number }[] = [];
  for (const [call, { name, parent, input, output }] of graph.calls.entries()) {
    if (parent === null || !sameShape(input, output)) continue;
    const nodes = graph.nodes.filter((node) => inside(node, call));
    const made = new Set(nodes.flatMap(({ outputs }) => outputs));
    const read = new Set(
      nodes.flatMap(({ inputs }) => inputs).filter((id) => !made.has(id) && isActivation(graph, id)),
    );
    if (read.size !== 1) continue;
    const [x] = read;
    const sum = nodes.findLast(({ op, inputs }) => /^add/.test(op) && inputs.includes(x));
    if (sum === undefined) continue;
    // What follows the sum may only be its activation.
    const rest = nodes.slice(nodes.indexOf(sum) + 1);
    if (rest.every(({ op, inputs }) => /^relu6?$/.test(op) && made.has(inputs[0]))) found.push({ name, call });
  }
  const hasInner = (call: number): boolean =>
    found.some((other) => {
      for (let at = graph.calls[other.call].parent; at !== null; at = graph.calls[at].parent)
        if (at === call) return true;
      return false;
    });
  return found.filter(({ call }) => !hasInner(call)).map(({ name }) => name);
}

function isActivation(graph: Graph, id: number): boolean {
  return graph.values[id].kind === 'activation' || graph.values[id].kind === 'input';
}
