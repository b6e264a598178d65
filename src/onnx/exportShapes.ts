import { formatShape } from '../base/shape.js';
import type { ExportOp } from './exportElementwise.js';
import type { GraphBuilder } from './graphBuilder.js';
import type { TracedOp } from './trace.js';

/** Operations that move, join, cut or reduce: the same for tensors of every rank. */
export const shapes: Record<string, ExportOp> = {
  reshape: view,
  view,
  squeeze: view,
  unsqueeze: view,
  flatten: (b, op) => {
    const [x] = op.inputs;
    const { output } = op;
    // Flatten always leaves two axes.
    const rows = output.shape.length === 2 && x.shape.length > 1 && output.shape[0] === x.shape[0];
    return rows ? b.add('Flatten', [x], { axis: 1 }) : view(b, op);
  },
  concat: (b, { inputs, attributes }) => b.add('Concat', inputs, { axis: (attributes as { axis: number }).axis }),
  permute: transpose,
  transpose,
  slice: part,
  split: part,
  softmax: (b, { inputs, attributes }) => b.add('Softmax', inputs, { axis: (attributes as { axis: number }).axis }),
  logSoftmax: (b, { inputs, attributes }) =>
    b.add('LogSoftmax', inputs, { axis: (attributes as { axis: number }).axis }),
  sum: reduce('ReduceSum', 13),
  mean: reduce('ReduceMean', 18),
  max: reduce('ReduceMax', 18),
  // min(x) is recorded as the largest of -x, between two negations.
  min: reduce('ReduceMax', 18),
  matmul: (b, { inputs }) => b.add('MatMul', inputs),
  linear: (b, { inputs: [x, w, bias] }) => {
    if (x.shape.length === 2) return b.add('Gemm', bias ? [x, w, bias] : [x, w], { transB: 1 });
    const product = b.add('MatMul', [x, b.add('Transpose', [w], { perm: [1, 0] })]);
    return bias ? b.add('Add', [product, bias]) : product;
  },
};

function view(b: GraphBuilder, { inputs: [x], output }: TracedOp): string {
  return b.add('Reshape', [x, b.reshapeTarget(output)]);
}

function transpose(b: GraphBuilder, { inputs: [x], attributes }: TracedOp): string {
  return b.add('Transpose', [x], { perm: (attributes as { order: number[] }).order });
}

function part(b: GraphBuilder, { op, inputs: [x], attributes, output }: TracedOp): string {
  const { axis, first, length } = attributes as { axis: number; first: number; length: number };
  if (formatShape(output.shape) === formatShape(x.shape)) return b.add('Identity', [x]);
  b.expectFixed(op, x, axis);
  return b.add('Slice', [x, b.ints([first]), b.ints([first + length]), b.ints([axis])]);
}

/** `since`: the version from which on the axes are an input and no attribute. */
function reduce(opType: string, since: number): ExportOp {
  return (b, { inputs: [x], attributes }) => {
    const { axes, keepDims } = attributes as { axes: number[]; keepDims: boolean };
    if (axes.length === 0) return b.add('Identity', [x]);
    const keepdims = keepDims ? 1 : 0;
    if (b.opset >= since) return b.add(opType, [x, b.ints(axes)], { keepdims });
    return b.add(opType, [x], { axes, keepdims });
  };
}
