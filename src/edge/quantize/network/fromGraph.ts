import { ArgumentError } from '../../../base/errors.js';
import type { Graph } from '../../../graph/graph.js';
import type { GraphNode } from '../../../graph/node.js';
import { collapseViews } from '../../../graph/passes/collapseViews.js';
import { fusedNode, prepareConvolutions, readFused } from '../../../graph/passes/convolutions.js';
import { foldBatchNorm } from '../../../graph/passes/foldBatchNorm.js';
import { constantValues } from '../../../graph/passes/foldConstants.js';
import { foldPadding } from '../../../graph/passes/foldPadding.js';
import { fuseResidual } from '../../../graph/passes/fuseResidual.js';
import { mergeNodes, type Pass } from '../../../graph/passes/pass.js';
import { removeDead } from '../../../graph/passes/removeDead.js';
import { type Conv2dGeometry, conv2dGeometry } from '../../../kernels/geometry.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { kindOf } from './kindOf.js';
import { imageOf, type Network, type NetworkNode } from './network.js';
import { runNode } from './runNode.js';

/** The activations that cut: a convolution of bytes ends with them for nothing. */
function fuseCuts(graph: Graph): Graph {
  return mergeNodes(graph, (node, uses) => {
    const before = /^relu6?$/.test(node.op) ? uses.onlyFor(node.inputs[0] as number) : undefined;
    const conv = readFused(before);
    if (before === undefined || conv === null || conv.activation !== 'none') return null;
    const joined = { ...before, outputs: node.outputs };
    return { nodes: [fusedNode(joined, conv.geometry, node.op as 'relu' | 'relu6', conv)], swallowed: before };
  });
}

const passes: readonly Pass[] = [
  removeDead,
  collapseViews,
  foldPadding,
  prepareConvolutions,
  foldBatchNorm,
  fuseResidual,
  fuseCuts,
  removeDead,
];

/**
 * The network of a captured model. Weights are copied.
 *
 * Throws `ArgumentError` for a model that returns several tensors.
 */
export function networkOf(captured: Graph, title = 'quantize'): Network {
  const graph = passes.reduce((g, pass) => pass(g), captured);
  if (graph.outputs.length !== 1) {
    throw new ArgumentError(
      `${title}: ${graph.model} returns ${graph.outputs.length} tensors, but a quantized model returns one. Wrap the model in one that returns the logits.`,
    );
  }
  const constant = constantValues(graph);
  const tensors = new Map<number, Tensor>(graph.tensors);
  const shapeOf = (value: number) => graph.shapeOf(value);
  const nodes: NetworkNode[] = [];
  for (const node of graph.nodes) {
    if (node.outputs.every((value) => constant.has(value))) {
      runNode(node, tensors, shapeOf);
      continue;
    }
    nodes.push(nodeOf(graph, node, tensors, nodes));
  }
  const read = new Set(nodes.flatMap(({ inputs }) => inputs).filter((value) => constant.has(value)));
  const constants = [...read].map((value) => constantNode(value));
  const shapes = graph.values.map(({ shape }) => shape);
  const input = graph.inputs[0] as number;
  return {
    model: graph.model,
    shapes,
    nodes: withoutUnread([...constants, ...nodes], graph.outputs[0] as number),
    input,
    output: graph.outputs[0] as number,
    tensors,
  };
}

/** Views that linear layers read past are left out. */
function withoutUnread(nodes: readonly NetworkNode[], output: number): NetworkNode[] {
  const read = new Set([output]);
  const kept = nodes.toReversed().filter((node) => {
    if (!read.has(node.output)) return false;
    for (const value of node.inputs) read.add(value);
    return true;
  });
  return kept.reverse();
}

function constantNode(value: number): NetworkNode {
  const source = {
    op: 'constant',
    attributes: {},
    inputs: [],
    outputs: [value],
    roles: {},
    call: -1,
    isView: false,
    kernels: [],
  };
  return { op: 'constant', name: '', inputs: [], output: value, source };
}

function nodeOf(
  graph: Graph,
  node: GraphNode,
  tensors: ReadonlyMap<number, Tensor>,
  before: readonly NetworkNode[],
): NetworkNode {
  const name = graph.moduleOf(node);
  const output = node.outputs[0] as number;
  return (
    convOf(graph, node, name, tensors, before) ??
    batchNormOf(graph, node, name, tensors) ?? {
      op: kindOf(graph, node, tensors),
      name,
      inputs: node.inputs.filter((value) => !tensors.has(value) || node.op === 'concat'),
      output,
      source: node,
    }
  );
}

function convOf(
  graph: Graph,
  node: GraphNode,
  name: string,
  tensors: ReadonlyMap<number, Tensor>,
  before: readonly NetworkNode[],
): NetworkNode | null {
  const fused = readFused(node);
  if (fused === null) return null;
  const { x, w, scale, shift, residual, activation } = fused;
  const weights = tensors.get(w)?.floats;
  if (weights === undefined || tensors.has(x) || (residual !== undefined && tensors.has(residual))) {
    throw new ArgumentError(
      `quantize: the convolution ${name || node.op} has weights that depend on the input, so they have no fixed integers. Leave this model in float.`,
    );
  }
  const { x: source, geometry } = flattened(graph, fused, before);
  const outputs = geometry.outChannels;
  const factors = scale === undefined ? null : (tensors.get(scale) as Tensor).floats;
  const perOutput = weights.length / outputs;
  const weight = Float32Array.from(weights, (v, i) => v * (factors?.[Math.floor(i / perOutput)] ?? 1));
  const bias =
    shift === undefined ? new Float32Array(outputs) : Float32Array.from((tensors.get(shift) as Tensor).floats);
  const inputs = residual === undefined ? [source] : [source, residual];
  const cut = activation as 'none' | 'relu' | 'relu6';
  const output = node.outputs[0] as number;
  const origin = factors === null ? { w, bias: shift } : undefined;
  return { op: 'conv', name, inputs, output, geometry, activation: cut, weight, bias, isBatchNorm: false, origin };
}

/** A linear layer of a flattened image is a convolution whose window is the image: then nothing is moved. */
function flattened(
  graph: Graph,
  { x, geometry }: { x: number; geometry: Conv2dGeometry },
  before: readonly NetworkNode[],
): { x: number; geometry: Conv2dGeometry } {
  const maker = before.find(({ output }) => output === x);
  const isView = maker !== undefined && maker.op !== 'conv' && maker.source.isView;
  const image = isView ? imageOf(graph.shapeOf(maker.inputs[0] as number)) : null;
  if (!isView || image === null || geometry.inHeight !== 1 || geometry.batch !== 1) return { x, geometry };
  const { channels, height, width } = image;
  if (height * width === 1 || channels * height * width !== geometry.inChannels) return { x, geometry };
  const window = [geometry.outChannels, channels, height, width];
  return {
    x: maker.inputs[0] as number,
    geometry: conv2dGeometry('linear', [1, channels, height, width], window, {}),
  };
}

/** A batch norm that follows no convolution: a depthwise convolution of one tap. */
function batchNormOf(
  graph: Graph,
  node: GraphNode,
  name: string,
  tensors: ReadonlyMap<number, Tensor>,
): NetworkNode | null {
  const { mean, variance, weight, bias } = node.roles as Record<string, number | undefined>;
  if (!/^batchNorm(Relu)?2d$/.test(node.op) || mean === undefined || variance === undefined) return null;
  const shape = graph.shapeOf(node.outputs[0] as number);
  const image = imageOf(shape);
  const numbers = [mean, variance, weight, bias].map((id) => (id === undefined ? null : tensors.get(id)?.floats));
  const [means, variances, factors, shifts] = numbers;
  if (image === null || shape.length !== 4 || !means || !variances) return null;
  const { channels, height, width } = image;
  const eps = node.attributes.eps as number;
  const scale = Float32Array.from(variances, (v, c) => (factors?.[c] ?? 1) / Math.sqrt(v + eps));
  const geometry = conv2dGeometry('batchNorm2d', [1, channels, height, width], [channels, 1, 1, 1], {
    groups: channels,
  });
  return {
    op: 'conv',
    name,
    inputs: [node.inputs[0] as number],
    output: node.outputs[0] as number,
    geometry,
    activation: node.op === 'batchNormRelu2d' || node.attributes.relu === true ? 'relu' : 'none',
    weight: scale,
    bias: Float32Array.from(scale, (s, c) => (shifts?.[c] ?? 0) - (means[c] as number) * s),
    isBatchNorm: true,
  };
}
