import { FormatError } from '../base/errors.js';
import { type Shape, sizeOf } from '../base/shape.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { squeeze, unsqueeze } from '../tensor/ops/shape/squeeze.js';
import { Tensor } from '../tensor/tensor.js';
import { expectAffordable, hostSize } from './budget.js';
import { mapped } from './hostArrays.js';
import { inputOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { pointwise } from './ops/pointwise.js';
import { AttributeType, DataType } from './proto.js';
import { isInteger, isNumeric, valuesOf } from './tensorValues.js';
import { HostArray, integers, isWhole, markWhole, numbersOf, toHost, type Value } from './values.js';

/** Arrays of a constant up to this size stay ordinary numbers. */
const FEW = 2 ** 16;

/** Constants, shapes and views, of tensors and of the numbers that shapes are computed from. */
export const shapes: Record<string, ImportOp> = {
  Identity:
    (node) =>
    ([x]) =>
      inputOf(node, x),
  Constant: (node) => {
    const value = constant(node);
    return () => value;
  },
  ConstantOfShape: (node) => {
    const fill = node.tensor('value');
    const [value, integer] = fill
      ? [numbersOf(valuesOf(fill, node.readExternal))[0] ?? 0, isInteger(fill.dataType)]
      : [0, false];
    return ([shape]) => {
      const dims = shape ? numbersOf(shape) : [];
      if (integer) return new HostArray(dims, new Float64Array(hostSize(node.title, dims)).fill(value), true);
      // Floats may be as many as a layer's weights.
      expectAffordable(node.title, dims);
      return sizeOf(dims) > FEW
        ? Tensor.full(dims, value)
        : new HostArray(dims, new Float64Array(sizeOf(dims)).fill(value), false);
    };
  },
  Shape:
    (node) =>
    ([x]) => {
      const shape = inputOf(node, x).shape.slice(
        node.int('start', 0),
        node.proto.attributes.has('end') ? node.int('end', 0) : undefined,
      );
      return integers([shape.length], shape);
    },
  Cast: (node) => {
    const to = node.opset < 6 ? node.text('to', 'FLOAT') : node.int('to', DataType.FLOAT);
    const kind = typeof to === 'number' ? to : DataType[to as keyof typeof DataType];
    node.check(kind !== undefined && isNumeric(kind), `casts to element type ${to}, which is not read`);
    return ([x]) => cast(node, inputOf(node, x), kind);
  },
  CastLike:
    (node) =>
    ([x, like]) => {
      const [value, model] = [inputOf(node, x), inputOf(node, like)];
      if (!isWhole(model)) return cast(node, value, DataType.FLOAT);
      const dataType = model instanceof HostArray ? model.dataType : undefined;
      return cast(node, value, dataType ?? DataType.INT64);
    },
  Reshape:
    (node) =>
    ([x, shape]) => {
      const value = inputOf(node, x);
      // Until version 5 the shape was an attribute.
      const wanted = shape ? numbersOf(shape) : node.ints('shape');
      if (wanted === undefined) throw node.error('lacks a shape');
      const keeps = node.int('allowzero', 0) === 0;
      return reshaped(
        node,
        value,
        wanted.map((n, axis) => (n === 0 && keeps ? (value.shape[axis] ?? 0) : n)),
      );
    },
  Flatten:
    (node) =>
    ([x]) => {
      const value = inputOf(node, x);
      const axis = node.int('axis', 1);
      const at = axis < 0 ? axis + value.shape.length : axis;
      return reshaped(node, value, [sizeOf(value.shape.slice(0, at)), sizeOf(value.shape.slice(at))]);
    },
  Squeeze:
    (node) =>
    ([x, axes]) => {
      const value = inputOf(node, x);
      const named = axes ? numbersOf(axes) : node.ints('axes');
      if (value instanceof Tensor) return squeeze(value, named);
      const gone = named?.map((a) => (a < 0 ? a + value.shape.length : a));
      return reshaped(
        node,
        value,
        value.shape.filter((n, axis) => (gone ? !gone.includes(axis) : n !== 1)),
      );
    },
  Unsqueeze:
    (node) =>
    ([x, axes]) => {
      let value = inputOf(node, x);
      const named = axes ? numbersOf(axes) : (node.ints('axes') ?? []);
      const rank = value.shape.length + named.length;
      for (const axis of named.map((a) => (a < 0 ? a + rank : a)).sort((a, b) => a - b)) {
        value =
          value instanceof Tensor ? unsqueeze(value, axis) : reshaped(node, value, value.shape.toSpliced(axis, 0, 1));
      }
      return value;
    },
  Size:
    (node) =>
    ([x]) =>
      integers([], [sizeOf(inputOf(node, x).shape)]),
  Range:
    (node) =>
    ([start, limit, delta]) => {
      const [first, end, step] = [start, limit, delta].map((v) => numbersOf(inputOf(node, v))[0]);
      node.check(step !== 0 && Number.isFinite(step), `has a step of ${step}`);
      const length = Math.max(0, Math.ceil((end - first) / step));
      const data = new Float64Array(hostSize(node.title, [length]));
      return new HostArray(
        [length],
        data.map((_, i) => first + i * step),
        [start, limit, delta].every((v) => toHost(inputOf(node, v)).integer),
      );
    },
};

/** The numbers of a Constant node. */
export function constant(node: ImportNode): HostArray {
  const tensor = node.tensor('value');
  // A damaged file may give the attribute another type, and then another value.
  if (tensor !== undefined && !Array.isArray((tensor as { dims?: unknown }).dims)) {
    throw new FormatError("importOnnx: the attribute 'value' of a Constant node holds no tensor; the file is damaged.");
  }
  if (tensor !== undefined) return valuesOf(tensor, node.readExternal);
  const given = node.proto.attributes.get('value_int') ?? node.proto.attributes.get('value_float');
  if (given !== undefined) return new HostArray([], [given.value as number], given.type === AttributeType.INT);
  const list = node.ints('value_ints') ?? node.floats('value_floats');
  if (list === undefined) throw node.error('has no value that is read');
  return new HostArray([list.length], list, node.ints('value_ints') !== undefined);
}

function reshaped(node: ImportNode, value: Value, shape: Shape): Value {
  const rest = sizeOf(value.shape) / Math.abs(sizeOf(shape));
  const open = shape.filter((n) => n === -1).length;
  node.check(
    open === 0 || (open === 1 && Number.isInteger(rest)),
    `makes [${shape}] of [${value.shape}], which does not divide into it; the file may expect inputs of another size`,
  );
  const full = shape.map((n) => (n === -1 ? rest : n));
  expectAffordable(node.title, full);
  if (value instanceof Tensor) return reshape(value, full);
  node.check(sizeOf(full) === value.data.length, `makes [${shape}] of ${value.data.length} numbers`);
  return new HostArray(full, value.data, value.integer, value.dataType);
}

/** Whole numbers keep what stands before the point, truths whether anything does; floats of all kinds stay as they are. */
function cast(node: ImportNode, value: Value, dataType: number): Value {
  const integer = isInteger(dataType);
  const fn = dataType === DataType.BOOL ? (v: number) => (v === 0 ? 0 : 1) : Math.trunc;
  if (value instanceof Tensor) {
    if (!integer)
      return isWhole(value)
        ? pointwise(
            'identity',
            value,
            (v) => v,
            () => 1,
          )
        : value;
    return markWhole(pointwise(dataType === DataType.BOOL ? 'truth' : 'truncate', value, fn));
  }
  if (!integer) return new HostArray(value.shape, value.data, false);
  const { shape, data } = mapped(node.title, value, fn);
  return new HostArray(shape, data, true, dataType);
}
