import type { Tensor } from '../tensor/tensor.js';
import type { GraphValue } from './node.js';

/** Gives back the constants that forward made while it was captured, which belong to the graph. */
export function releaseConstants(graph: {
  readonly values: readonly GraphValue[];
  readonly tensors: ReadonlyMap<number, Tensor>;
}): void {
  for (const [id, tensor] of graph.tensors) if (graph.values[id]?.kind === 'constant') tensor.dispose();
}
