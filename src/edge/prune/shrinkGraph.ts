import type { Graph, GraphNode } from '../../graph/index.js';
import { tensorLike } from '../../layers/cloneModule.js';
import type { Tensor } from '../../tensor/tensor.js';
import { groupTie } from './rules.js';
import { cutNumbers, type Kept, shrunkShape } from './shrink.js';

/** A graph in which only the channels in `kept` are left: shapes, weights, constants, and attributes that count channels. */
export function shrinkGraph(graph: Graph, kept: Kept): Graph {
  const values = graph.values.map((value) => ({ ...value, shape: shrunkShape(graph, kept, value.id) }));
  const tensors = new Map<number, Tensor>();
  for (const [id, tensor] of graph.tensors) {
    const own = kept[id];
    const isWhole = own.every((axis) => axis === null);
    tensors.set(
      id,
      isWhole ? tensor : tensorLike(tensor, cutNumbers(tensor.data, tensor.shape, own), values[id].shape),
    );
  }
  const nodes = graph.nodes.map((node) => ({ ...node, kernels: [], attributes: attributesOf(graph, kept, node) }));
  return graph.with({ values, tensors, nodes });
}

function attributesOf(graph: Graph, kept: Kept, node: GraphNode): GraphNode['attributes'] {
  const { op, attributes, inputs, outputs } = node;
  const channels = (value: number): number => shrunkShape(graph, kept, value)[1];
  if (op === 'conv2d') {
    const g = attributes as { inChannels: number; outChannels: number; groups: number };
    const [inChannels, outChannels] = [channels(inputs[0]), channels(outputs[0])];
    const groups = groupTie(g) === 'groups' ? outChannels / (g.outChannels / g.groups) : g.groups;
    return { ...attributes, inChannels, outChannels, groups };
  }
  if (op === 'groupNorm' && attributes.groups === graph.shapeOf(inputs[0])[1]) {
    return { ...attributes, groups: channels(inputs[0]) };
  }
  if (op !== 'slice' && op !== 'split') return attributes;
  const { axis, first } = attributes as { axis: number; first: number };
  const left = kept[inputs[0]][axis];
  const before = left === null ? first : left.filter((i) => i < first).length;
  return { ...attributes, first: before, length: shrunkShape(graph, kept, outputs[0])[axis] };
}
