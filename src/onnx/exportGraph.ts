import type { Graph } from '../graph/graph.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { writeTraces } from './exportOnnx.js';
import { tensorProto } from './graphBuilder.js';
import { traceOf } from './trace.js';

/**
 * Writes a captured graph, perhaps a changed one, as an ONNX file that takes batches of any size: `twin` is the same graph for a larger batch.
 * Tensors of the graph become initializers under their names, or constants.
 */
export function exportGraph(graph: Graph, twin: Graph): Uint8Array {
  return scope(() => {
    const weights = new Map<number, Tensor>();
    for (const { id, kind } of graph.values) {
      const tensor = graph.tensors.get(id);
      if (tensor !== undefined && kind !== 'constant') weights.set(id, tensor);
    }
    const names = new Map([...weights].map(([id, tensor]) => [tensor, graph.values[id].name ?? `value_${id}`]));
    const traces = [traceOf(graph), traceOf(twin.with({ tensors: new Map([...twin.tensors, ...weights]) }))];
    return writeTraces(graph.model, names, traces, { opset: 17 }, (all) => all.map(tensorProto));
  });
}
