import type { GraphBuilder } from './graphBuilder.js';
import type { TracedOp } from './trace.js';

/** Writes an operation as nodes and returns the name of its output. */
export type ExportOp = (b: GraphBuilder, op: TracedOp) => string;

/** An operation that is one node with the same inputs and nothing to set. */
const node =
  (opType: string): ExportOp =>
  (b, { inputs }) =>
    b.add(opType, inputs);

/** Operations on each element, by the names under which they are recorded. */
export const elementwise: Record<string, ExportOp> = {
  abs: node('Abs'),
  add: node('Add'),
  div: node('Div'),
  exp: node('Exp'),
  log: node('Log'),
  mul: node('Mul'),
  neg: node('Neg'),
  pow: node('Pow'),
  relu: node('Relu'),
  sigmoid: node('Sigmoid'),
  sqrt: node('Sqrt'),
  sub: node('Sub'),
  tanh: node('Tanh'),
  addRelu: (b, { inputs }) => b.add('Relu', [b.add('Add', inputs)]),
  relu6: (b, { inputs: [x] }) => b.add('Clip', [x, b.scalar(0), b.scalar(6)]),
  elu: (b, { inputs, attributes }) =>
    b.add('Elu', inputs, { alpha: { float: (attributes as { alpha: number }).alpha } }),
  leakyRelu: (b, { inputs, attributes }) =>
    b.add('LeakyRelu', inputs, { alpha: { float: (attributes as { slope: number }).slope } }),
  silu: (b, { inputs: [x] }) => b.add('Mul', [x, b.add('Sigmoid', [x])]),
  hardSigmoid: (b, { inputs: [x] }) => hardSigmoid(b, b.nameOf(x)),
  // HardSwish came with version 14.
  hardSwish: (b, { inputs: [x] }) =>
    b.opset >= 14 ? b.add('HardSwish', [x]) : b.add('Mul', [x, hardSigmoid(b, b.nameOf(x))]),
  gelu,
};

function hardSigmoid(b: GraphBuilder, x: string): string {
  return b.add('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
}

/** 0.5 x (1 + erf(x / sqrt 2)), or its approximation by tanh; Gelu itself came with version 20. */
function gelu(b: GraphBuilder, { inputs: [x], attributes }: TracedOp): string {
  const { approximate } = attributes as { approximate: string };
  if (b.opset >= 20) return b.add('Gelu', [x], { approximate });
  let bell: string;
  if (approximate === 'none') bell = b.add('Erf', [b.add('Mul', [x, b.scalar(Math.SQRT1_2)])]);
  else {
    const cube = b.add('Mul', [b.add('Mul', [x, x]), x]);
    const inner = b.add('Add', [x, b.add('Mul', [cube, b.scalar(0.044715)])]);
    bell = b.add('Tanh', [b.add('Mul', [inner, b.scalar(Math.sqrt(2 / Math.PI))])]);
  }
  const half = b.add('Mul', [x, b.scalar(0.5)]);
  return b.add('Mul', [half, b.add('Add', [bell, b.scalar(1)])]);
}
