import { normalizationKernels } from '../../kernels/families/normalization.js';
import type { Graph } from '../graph.js';
import type { GraphNode, KernelArgument } from '../node.js';
import { fusedNode, readFused } from './convolutions.js';
import { type Merged, mergeNodes, NewValues } from './pass.js';
import type { Uses } from './uses.js';

/**
 * Joins a batch norm in evaluation mode to the convolution before it, if nothing else reads that one:
 * scale = weight / sqrt(variance + eps), shift = bias + (b - mean) * scale. The two depend on weights alone.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), section 3.2.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const added = new NewValues(graph);
  const merge = (node: GraphNode, uses: Uses): Merged | null => {
    const { mean, variance, weight, bias } = node.roles as Record<string, number | undefined>;
    if (!/^batchNorm(Relu)?2d$/.test(node.op) || mean === undefined || variance === undefined) return null;
    const before = uses.onlyFor(node.inputs[0] as number);
    const conv = readFused(before);
    if (before === undefined || conv === null || conv.scale !== undefined || conv.activation !== 'none') return null;
    if (conv.residual !== undefined) return null;
    const channels = graph.shapeOf(mean);
    const [scale, shift] = [added.add(channels), added.add(channels)];
    const value = (id: number | undefined): KernelArgument => (id === undefined ? { literal: null } : { value: id });
    const args = [scale, shift, mean, variance, weight, bias, conv.shift].map(value);
    const fold: GraphNode = {
      op: 'foldBatchNorm',
      attributes: { eps: node.attributes.eps },
      inputs: [mean, variance, weight, bias, conv.shift].filter((id) => id !== undefined),
      outputs: [scale, shift],
      roles: {},
      call: node.call,
      isView: false,
      kernels: [
        {
          name: 'batchNormFold',
          kernel: normalizationKernels.batchNormFold,
          args: [...args, { literal: node.attributes.eps }],
          flops: 0,
        },
      ],
    };
    const activation = node.op === 'batchNormRelu2d' ? 'relu' : 'none';
    const { x, w, geometry } = conv;
    const joined = { ...before, outputs: node.outputs };
    return { nodes: [fold, fusedNode(joined, geometry, activation, { x, w, scale, shift })], swallowed: before };
  };
  const merged = mergeNodes(graph, merge);
  return merged.with({ values: added.values });
}
