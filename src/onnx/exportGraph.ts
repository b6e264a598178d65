import type { Graph } from '../graph/graph.js';
import { scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { writeTraces } from './exportOnnx.js';
import { tensorProto } from './graphBuilder.js';
import type { Trace } from './trace.js';

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
    const traces = [traceOf(graph, weights), traceOf(twin, weights)];
    return writeTraces(graph.model, names, traces, { opset: 17 }, (all) => all.map(tensorProto));
  });
}

/** What would run, with tensors of the right shapes in place of results. */
function traceOf(graph: Graph, weights: ReadonlyMap<number, Tensor>): Trace {
  const known = new Map<number, Tensor>([...graph.tensors, ...weights]);
  const tensorOf = (id: number): Tensor => {
    const tensor = known.get(id) ?? Tensor.empty('exportOnnx', graph.shapeOf(id));
    known.set(id, tensor);
    return tensor;
  };
  const ops = graph.nodes.map(({ op, inputs, outputs, attributes, roles }) => {
    const named = Object.fromEntries(Object.entries(roles).map(([name, id]) => [name, tensorOf(id)]));
    return { op, inputs: inputs.map(tensorOf), output: tensorOf(outputs[0]), attributes: { ...attributes, ...named } };
  });
  return { input: tensorOf(graph.inputs[0]), output: tensorOf(graph.outputs[0]), ops };
}
