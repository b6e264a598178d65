import { sameShape } from '../../base/shape.js';
import type { Graph } from '../graph.js';
import { fusedNode, readFused } from './convolutions.js';
import { mergeNodes } from './pass.js';

/**
 * Lets the convolution at the end of a residual branch add what came around it, if nothing else reads its sums. Of two convolutions the later one
 * does.
 *
 * Source: He et al. 2015 (arXiv:1512.03385), figure 2.
 */
export function fuseResidual(graph: Graph): Graph {
  return mergeNodes(graph, (node, uses) => {
    const [a, b] = node.inputs as [number, number];
    if (!/^add(Relu)?$/.test(node.op) || a === b || !sameShape(graph.shapeOf(a), graph.shapeOf(b))) return null;
    const [late, early] = a > b ? [a, b] : [b, a];
    for (const [own, residual] of [[late, early] as const, [early, late] as const]) {
      const before = uses.onlyFor(own);
      const conv = readFused(before);
      if (before === undefined || conv === null || conv.activation !== 'none' || conv.residual !== undefined) continue;
      const activation = node.op === 'addRelu' ? 'relu' : 'none';
      const joined = { ...before, outputs: node.outputs };
      return { nodes: [fusedNode(joined, conv.geometry, activation, { ...conv, residual })], swallowed: before };
    }
    return null;
  });
}
