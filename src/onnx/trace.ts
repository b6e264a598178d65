import { ArgumentError } from '../base/errors.js';
import { checkShape, formatShape, type Shape } from '../base/shape.js';
import { dryRun } from '../debug/dryRun.js';
import type { Module } from '../layers/module.js';
import { withMode } from '../layers/withMode.js';
import { Tape } from '../tensor/tape.js';
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

class TracingTape extends Tape {
  readonly ops: TracedOp[] = [];

  override push(entry: Parameters<Tape['push']>[0]): void {
    super.push(entry);
    this.ops.push(entry);
  }
}

/**
 * Runs the model in evaluation mode on an input of each shape without computing anything (see `dryRun`), and gives `use` what
 * ran; the tensors live until it returns. The model is as before afterwards.
 *
 * Throws `ArgumentError` when other operations run for another shape.
 */
export function traced<T>(model: Module, shapes: readonly Shape[], use: (traces: readonly Trace[]) => T): T {
  for (const shape of shapes) checkShape('exportOnnx', shape);
  const tapes: Tape[] = [];
  const run = (): T => {
    const traces = shapes.map((shape) => {
      const tape = new TracingTape();
      tapes.push(tape);
      const input = Tensor.empty('exportOnnx', shape);
      const output = model.forward(input);
      return { input, output, ops: [...tape.ops] };
    });
    for (const other of traces) expectSameOps(traces[0], other);
    return use(traces);
  };
  try {
    return withMode(model, 'eval', () => dryRun(run));
  } finally {
    for (const tape of tapes.reverse()) tape.close();
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
