import { ArgumentError } from '../base/errors.js';
import { checkShape, formatShape, type Shape } from '../base/shape.js';
import { capture } from '../graph/capture.js';
import type { Graph } from '../graph/graph.js';
import { releaseConstants } from '../graph/releaseConstants.js';
import type { Module } from '../layers/module.js';
import { scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';

/** An operation that ran. */
export interface TracedOp {
  op: string;
  inputs: readonly Tensor[];
  output: Tensor;
  attributes: object;
}

/** What ran when a model was given an input of some shape. */
export interface Trace {
  input: Tensor;
  output: Tensor;
  ops: readonly TracedOp[];
}

/** What a captured graph runs, with tensors of the right shapes in place of results; they belong to the current scope. */
export function traceOf(graph: Graph): Trace {
  const known = new Map<number, Tensor>(graph.tensors);
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

/**
 * Captures the model for an input of each shape, and gives `use` what runs; the tensors live until it returns.
 *
 * Throws `ArgumentError` when other operations run for another shape, or there are several outputs; `CaptureError` for a forward that depends on
 * numbers.
 */
export function traced<T>(model: Module, shapes: readonly Shape[], use: (traces: readonly Trace[]) => T): T {
  const graphs: Graph[] = [];
  try {
    for (const shape of shapes) graphs.push(capture(model, checkShape('exportOnnx', shape)));
    return scope(() => {
      const traces = graphs.map((graph) => {
        const { length } = graph.outputs;
        if (length === 1) return traceOf(graph);
        throw new ArgumentError(`exportOnnx: forward returns ${length} tensors, but must return one.`);
      });
      for (const other of traces) expectSameOps(traces[0], other);
      return use(traces);
    });
  } finally {
    for (const graph of graphs) releaseConstants(graph);
  }
}

function expectSameOps(a: Trace, b: Trace): void {
  const differs = a.ops.findIndex((op, i) => op.op !== b.ops[i]?.op || op.inputs.length !== b.ops[i].inputs.length);
  if (differs >= 0 || a.ops.length !== b.ops.length) {
    const at = differs < 0 ? a.ops.length : differs;
    throw new ArgumentError(
      `exportOnnx: operation ${at} is ${a.ops[at]?.op ?? 'none'} for input ${formatShape(a.input.shape)}, but ${b.ops[at]?.op ?? 'none'} for ${formatShape(b.input.shape)}. Pass dynamicBatch: false.`,
    );
  }
}
