import type { FusedActivation } from '../../kernels/contracts/convolution.js';
import type { Graph } from '../graph.js';
import { fusedNode, readFused } from './convolutions.js';
import { mergeNodes } from './pass.js';

/** The activations that a convolution can end with. */
const ACTIVATIONS: readonly string[] = [
  'relu',
  'relu6',
  'hardSwish',
  'hardSigmoid',
  'silu',
  'sigmoid',
] satisfies FusedActivation[];

/** Lets a convolution apply the activation behind it, if nothing else reads its sums. */
export function fuseActivation(graph: Graph): Graph {
  return mergeNodes(graph, (node, uses) => {
    const before = ACTIVATIONS.includes(node.op) ? uses.onlyFor(node.inputs[0] as number) : undefined;
    const conv = readFused(before);
    if (before === undefined || conv === null || conv.activation !== 'none') return null;
    const joined = { ...before, outputs: node.outputs };
    const activation = node.op as FusedActivation;
    return { nodes: [fusedNode(joined, conv.geometry, activation, conv)], swallowed: before };
  });
}
