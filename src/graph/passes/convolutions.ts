import { sizeOf } from '../../base/shape.js';
import type { FusedActivation } from '../../kernels/contracts/convolution.js';
import { type Conv2dGeometry, conv2dGeometry } from '../../kernels/geometry.js';
import type { Graph } from '../graph.js';
import type { GraphNode } from '../node.js';

/** What a fused convolution is told: y = activation(scale[o] * conv2d(x, w) + shift[o] + residual). */
export interface FusedAttributes {
  readonly geometry: Conv2dGeometry;
  readonly activation: FusedActivation;
}

/** The values that a fused convolution reads. */
export interface FusedInputs {
  readonly x: number;
  readonly w: number;
  readonly scale?: number | undefined;
  readonly shift?: number | undefined;
  readonly residual?: number | undefined;
}

/** The name of the operation that convolutions and linear layers become, so that what follows can join them. */
export const FUSED = 'fusedConv2d';

/** Turns convolutions and linear layers into fused convolutions, which later passes give more to do. */
export function prepareConvolutions(graph: Graph): Graph {
  return graph.with({ nodes: graph.nodes.map((node) => fused(graph, node) ?? node) });
}

function fused(graph: Graph, node: GraphNode): GraphNode | null {
  const [x, w, shift] = node.inputs as [number, number, number | undefined];
  if (node.op === 'conv2d') {
    return fusedNode(node, node.attributes as unknown as Conv2dGeometry, 'none', { x, w, shift });
  }
  if (node.op !== 'linear') return null;
  const [outFeatures, inFeatures] = graph.shapeOf(w) as [number, number];
  const rows = sizeOf(graph.shapeOf(x)) / inFeatures;
  const shape = [rows, inFeatures, 1, 1];
  return fusedNode(node, conv2dGeometry('linear', shape, [outFeatures, inFeatures, 1, 1], {}), 'none', { x, w, shift });
}

/** A fused convolution in the place of `node`. */
export function fusedNode(
  node: GraphNode,
  geometry: Conv2dGeometry,
  activation: FusedActivation,
  { x, w, scale, shift, residual }: FusedInputs,
): GraphNode {
  const all = Object.entries({ x, w, scale, shift, residual });
  const roles = Object.fromEntries(all.filter((entry): entry is [string, number] => entry[1] !== undefined));
  return {
    ...node,
    op: FUSED,
    attributes: { geometry, activation },
    inputs: Object.values(roles),
    roles,
    isView: false,
    kernels: [],
  };
}

/** What a fused convolution reads and is told; null for other nodes. */
export function readFused(node: GraphNode | undefined): (FusedInputs & FusedAttributes) | null {
  if (node?.op !== FUSED) return null;
  return { ...(node.roles as unknown as FusedInputs), ...(node.attributes as unknown as FusedAttributes) };
}
