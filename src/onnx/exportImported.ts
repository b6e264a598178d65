import type { ExportOp } from './exportElementwise.js';
import type { Attributes, GraphBuilder } from './graphBuilder.js';
import { DataType } from './proto.js';
import type { TracedOp } from './trace.js';

/** Operations that only models have which were read from ONNX files: src/onnx/ops. */
export const imported: Record<string, ExportOp> = {
  ...nodes(
    'floor Floor, ceil Ceil, round Round, sign Sign, sin Sin, cos Cos, tan Tan, asin Asin, acos Acos, atan Atan',
  ),
  ...nodes('sinh Sinh, cosh Cosh, asinh Asinh, acosh Acosh, atanh Atanh, softplus Softplus, maximum Max, minimum Min'),
  identity: (b, { inputs }) => b.add('Identity', inputs),
  mod: (b, { inputs: [x, z] }) => {
    const steps = b.add('Floor', [b.add('Div', [x, z])]);
    return b.add('Sub', [x, b.add('Mul', [z, steps])]);
  },
  fmod: (b, { inputs }) => b.add('Mod', inputs, { fmod: 1 }),
  truncate: (b, { inputs: [x] }) => float(b, b.add('Cast', [x], { to: DataType.INT64 })),
  truth: (b, { inputs: [x] }) => float(b, b.add('Cast', [x], { to: DataType.BOOL })),
  clip: (b, { inputs: [x], attributes }) => {
    const { low, high } = attributes as { low: number; high: number };
    return b.add('Clip', [x, b.scalar(low), b.scalar(high)]);
  },
  thresholdedRelu: (b, { inputs, attributes }) => {
    const { alpha } = attributes as { alpha: number };
    return b.add('ThresholdedRelu', inputs, { alpha: { float: alpha } });
  },
  shrink: (b, { inputs, attributes }) => {
    const { bias, lambda } = attributes as { bias: number; lambda: number };
    return b.add('Shrink', inputs, { bias: { float: bias }, lambd: { float: lambda } });
  },
  equal: truth('Equal', 2),
  greater: truth('Greater', 2),
  greaterOrEqual: truth('GreaterOrEqual', 2),
  less: truth('Less', 2),
  lessOrEqual: truth('LessOrEqual', 2),
  isNaN: truth('IsNaN', 1),
  isInfinite: truth('IsInf', 1),
  and: ofTruths('And'),
  or: ofTruths('Or'),
  xor: ofTruths('Xor'),
  not: ofTruths('Not'),
  where: (b, { inputs: [mask, x, z] }) => b.add('Where', [bool(b, b.nameOf(mask)), x, z]),
  take: (b, op) => {
    const { axis, positions } = op.attributes as { axis: number; positions: Int32Array };
    b.expectFixed(op.op, op.inputs[0], axis);
    b.expectFixed(op.op, op.output, axis);
    return b.add('Gather', [op.inputs[0], b.ints([...positions])], { axis });
  },
  dilatedMaxPool2d: (b, { inputs, attributes }) => {
    const { kernelSize, stride, dilation } = attributes as Record<string, readonly number[]>;
    return b.add('MaxPool', inputs, { kernel_shape: kernelSize, strides: stride, dilations: dilation });
  },
  cumulativeSum: (b, { inputs: [x], attributes }) => {
    const { axis, reverse, exclusive } = attributes as { axis: number; reverse: boolean; exclusive: boolean };
    return b.add('CumSum', [x, b.ints([axis])], { reverse: reverse ? 1 : 0, exclusive: exclusive ? 1 : 0 });
  },
  ArgMax: indices,
  ArgMin: indices,
  quantizeLinear: (b, { inputs: [x, scale, zero], attributes }) => {
    const { least, most } = attributes as { least: number; most: number };
    const steps = b.add('Round', [b.add('Div', [x, scale])]);
    const shifted = zero ? b.add('Add', [steps, zero]) : steps;
    return b.add('Clip', [shifted, b.scalar(least), b.scalar(most)]);
  },
};

function nodes(pairs: string): Record<string, ExportOp> {
  const entries = pairs.split(', ').map((pair): [string, ExportOp] => {
    const [op, opType] = pair.split(' ');
    return [op, (b, { inputs }) => b.add(opType, inputs)];
  });
  return Object.fromEntries(entries);
}

function float(b: GraphBuilder, name: string): string {
  return b.add('Cast', [name], { to: DataType.FLOAT });
}

function bool(b: GraphBuilder, name: string): string {
  return b.add('Cast', [name], { to: DataType.BOOL });
}

/** A question about numbers, whose answer is a number here. */
function truth(opType: string, operands: number, attributes: Attributes = {}): ExportOp {
  return (b, { inputs }) => float(b, b.add(opType, inputs.slice(0, operands), attributes));
}

function ofTruths(opType: string): ExportOp {
  return (b, { inputs }) =>
    float(
      b,
      b.add(
        opType,
        inputs.map((x) => bool(b, b.nameOf(x))),
      ),
    );
}

function indices(b: GraphBuilder, { op, inputs, attributes }: TracedOp): string {
  const { axis, keepDims } = attributes as { axis: number; keepDims: boolean };
  return float(b, b.add(op, inputs, { axis, keepdims: keepDims ? 1 : 0 }));
}
