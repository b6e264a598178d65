import { FormatError } from '../tensor/errors.js';
import { add } from '../tensor/ops/add.js';
import { concat } from '../tensor/ops/concat.js';
import { max, min } from '../tensor/ops/max.js';
import { mean } from '../tensor/ops/mean.js';
import { permute } from '../tensor/ops/permute.js';
import { reshape } from '../tensor/ops/reshape.js';
import { slice } from '../tensor/ops/slice.js';
import { split } from '../tensor/ops/split.js';
import { squeeze, unsqueeze } from '../tensor/ops/squeeze.js';
import { sum } from '../tensor/ops/sum.js';
import { broadcastShapes, normalizeAxis, type Shape, sizeOf } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { inputOf, tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { AttributeType } from './proto.js';
import { isInteger, valuesOf } from './tensorValues.js';
import { HostArray, hostSize, integers, numbersOf, toHost, toTensor, type Value } from './values.js';

/** Operations that move, join, cut or reduce, on tensors and on the numbers that shapes are computed from. */
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
      const dims = numbersOf(inputOf(node, shape));
      return new HostArray(dims, new Float64Array(hostSize(node.title, dims)).fill(value), integer);
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
    const integer = isInteger(node.int('to', 1));
    return ([x]) => {
      const value = inputOf(node, x);
      if (value instanceof Tensor) {
        node.check(!integer, 'makes whole numbers of an image, which is not read');
        return value;
      }
      return new HostArray(value.shape, integer ? Float64Array.from(value.data, Math.trunc) : value.data, integer);
    };
  },
  Reshape:
    (node) =>
    ([x, shape]) => {
      const value = inputOf(node, x);
      const wanted = numbersOf(inputOf(node, shape));
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
  Concat: (node) => (inputs) => {
    const values = inputs.map((input) => inputOf(node, input));
    if (values.some((v) => v instanceof Tensor)) return concat(values.map(toTensor), node.int('axis', 0));
    node.check(
      values.every((v) => v.shape.length === 1),
      'joins constants with more than one axis, which is not read',
    );
    const data = values.flatMap(numbersOf);
    return new HostArray(
      [data.length],
      data,
      values.every((v) => toHost(v).integer),
    );
  },
  Slice:
    (node) =>
    ([x, starts, ends, axes, steps]) => {
      const first = starts ? numbersOf(starts) : (node.ints('starts') ?? []);
      const last = ends ? numbersOf(ends) : (node.ints('ends') ?? []);
      const along = axes ? numbersOf(axes) : (node.ints('axes') ?? first.map((_, i) => i));
      node.check(!steps || numbersOf(steps).every((s) => s === 1), 'has steps other than 1, which are not read');
      let value = inputOf(node, x);
      for (const [i, axis] of along.entries()) {
        if (value instanceof Tensor) value = slice(value, axis, first[i], Math.min(last[i], value.shape.at(axis) ?? 0));
        else {
          node.check(value.shape.length === 1, 'cuts a constant with more than one axis, which is not read');
          const data = numbersOf(value).slice(first[i], last[i]);
          value = new HostArray([data.length], data, value.integer);
        }
      }
      return value;
    },
  Split:
    (node) =>
    ([x, sizes]) => {
      const value = tensorOf(node, x);
      const axis = node.int('axis', 0);
      const equal = Math.ceil(
        value.shape[normalizeAxis(node.title, axis, value.shape.length)] / node.proto.outputs.length,
      );
      return split(value, sizes ? numbersOf(sizes) : (node.ints('split') ?? equal), axis);
    },
  Gather:
    (node) =>
    ([x, indices]) =>
      gather(node, inputOf(node, x), toHost(inputOf(node, indices)), node.int('axis', 0)),
  Expand:
    (node) =>
    ([x, shape]) => {
      const value = tensorOf(node, x);
      const wanted = broadcastShapes(node.title, value.shape, numbersOf(inputOf(node, shape)));
      return add(value, Tensor.zeros(wanted));
    },
  Transpose:
    (node) =>
    ([x]) => {
      const value = tensorOf(node, x);
      return permute(value, node.ints('perm') ?? value.shape.map((_, axis) => value.shape.length - 1 - axis));
    },
  ReduceMean: reduce(mean),
  ReduceSum: reduce(sum),
  ReduceMax: reduce(max),
  ReduceMin: reduce(min),
  ReduceProd:
    (node) =>
    ([x]) => {
      const value = toHost(inputOf(node, x));
      return new HostArray(
        node.int('keepdims', 1) ? [1] : [],
        [numbersOf(value).reduce((a, b) => a * b, 1)],
        value.integer,
      );
    },
  Sum: (node) => (inputs) => inputs.map((x) => tensorOf(node, x)).reduce((a, b) => add(a, b)),
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
  if (value instanceof Tensor) return reshape(value, shape);
  const rest = value.data.length / Math.abs(sizeOf(shape));
  const full = shape.map((n) => (n === -1 ? rest : n));
  node.check(sizeOf(full) === value.data.length, `makes [${shape}] of ${value.data.length} numbers`);
  return new HostArray(full, value.data, value.integer);
}

/** The entries of an axis at some positions. */
function gather(node: ImportNode, x: Value, indices: HostArray, axis: number): Value {
  const along = normalizeAxis(node.title, axis, x.shape.length);
  const length = x.shape[along];
  const positions = Array.from(indices.data, (i) => (i < 0 ? i + length : i));
  for (const i of positions) node.check(Number.isInteger(i) && i >= 0 && i < length, `reads entry ${i} of ${length}`);
  const shape = x.shape.toSpliced(along, 1, ...indices.shape);
  if (x instanceof HostArray) {
    node.check(x.shape.length === 1, 'reads a constant with more than one axis, which is not read');
    return new HostArray(
      shape,
      positions.map((i) => x.data[i]),
      x.integer,
    );
  }
  return reshape(
    concat(
      positions.map((i) => slice(x, along, i, i + 1)),
      along,
    ),
    shape,
  );
}

function reduce(op: typeof sum): ImportOp {
  return (node) =>
    ([x, axes]) => {
      const value = tensorOf(node, x);
      const named = axes ? numbersOf(axes) : node.ints('axes');
      if (named?.length === 0 && node.int('noop_with_empty_axes', 0) === 1) return value;
      return op(value, named?.length === 0 ? undefined : named, { keepDims: node.int('keepdims', 1) === 1 });
    };
}
