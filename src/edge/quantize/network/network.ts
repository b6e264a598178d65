import type { Shape } from '../../../base/shape.js';
import type { GraphNode } from '../../../graph/node.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import type { Tensor } from '../../../tensor/tensor.js';

/** A model for one image as quantization sees it: batch norms folded, activations merged into convolutions where a cut is all they do. */
export interface Network {
  readonly model: string;
  /** The shape of each value, by its id. */
  readonly shapes: readonly Shape[];
  readonly nodes: readonly NetworkNode[];
  readonly input: number;
  readonly output: number;
  /** Weights and constants that captured operations read. */
  readonly tensors: ReadonlyMap<number, Tensor>;
}

export type NetworkNode = ConvNode | OperationNode;

interface CommonNode {
  /** The path of the module that it comes from. */
  readonly name: string;
  readonly inputs: readonly number[];
  readonly output: number;
}

/** A convolution or linear layer: cut(conv(x, weight) + bias + residual). */
export interface ConvNode extends CommonNode {
  readonly op: 'conv';
  readonly geometry: Conv2dGeometry;
  readonly activation: 'none' | 'relu' | 'relu6';
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  /** A batch norm of its own: its channels differ too much for one scale. */
  readonly isBatchNorm: boolean;
  /** The values of the graph that weight and bias are, where they were taken as they are. */
  readonly origin?: { readonly w: number; readonly bias: number | undefined } | undefined;
}

/** The kinds of operations that have integer kernels, or 'view' for other shapes, 'constant' for weights, 'float' for the rest. */
export type OperationKind =
  | 'add'
  | 'scale'
  | 'lookup'
  | 'concat'
  | 'maxPool'
  | 'avgPool'
  | 'view'
  | 'constant'
  | 'float';

/** Any other operation, as it was captured. */
export interface OperationNode extends CommonNode {
  readonly op: OperationKind;
  readonly source: GraphNode;
}

/** The channels, height and width of a value for one image; null for other shapes. */
export function imageOf(shape: Shape): { channels: number; height: number; width: number } | null {
  const [n, channels = 1, height = 1, width = 1] = shape;
  if (n !== 1 || (shape.length !== 4 && shape.length !== 2)) return null;
  return { channels, height, width };
}

/** The nodes that read each value. */
export function readersOf({ nodes }: Pick<Network, 'nodes'>): ReadonlyMap<number, readonly NetworkNode[]> {
  const readers = new Map<number, NetworkNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  return readers;
}

export function makersOf({ nodes }: Pick<Network, 'nodes'>): ReadonlyMap<number, NetworkNode> {
  return new Map(nodes.map((node) => [node.output, node]));
}
