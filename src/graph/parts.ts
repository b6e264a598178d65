import type { Shape } from '../base/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { GraphNode, GraphValue, ModuleCall } from './node.js';

/** What `Graph` consists of. */
export interface GraphParts {
  readonly model: string;
  readonly values: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly calls: readonly ModuleCall[];
  /** The tensors of parameters, buffers and constants, by value. */
  readonly tensors: ReadonlyMap<number, Tensor>;
}

export function shapeOf(graph: GraphParts, value: number): Shape {
  return (graph.values[value] as GraphValue).shape;
}

/** The path of the module that a node comes from. */
export function moduleOf(graph: GraphParts, node: GraphNode): string {
  return graph.calls[node.call]?.name ?? '';
}
