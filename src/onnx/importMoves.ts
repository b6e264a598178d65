import { broadcastShapes, normalizeAxis, stridesOf } from '../base/shape.js';
import { add } from '../tensor/ops/math/add.js';
import { concat } from '../tensor/ops/shape/concat.js';
import { permute } from '../tensor/ops/shape/permute.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { slice } from '../tensor/ops/shape/slice.js';
import { split } from '../tensor/ops/shape/split.js';
import { Tensor } from '../tensor/tensor.js';
import { expectAffordable, hostSize } from './budget.js';
import { everywhere, joined, permuted, picked, stretch, strided } from './hostArrays.js';
import { inputOf, tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { pointwise } from './ops/pointwise.js';
import { takeAlong } from './ops/takeAlong.js';
import { HostArray, markWhole, numbersOf, toHost, toTensor, type Value } from './values.js';

/** Operations that cut, join, repeat and move, on tensors and on the numbers that shapes are computed from. */
export const moves: Record<string, ImportOp> = {
  Concat: (node) => (inputs) => {
    const values = inputs.map((input) => inputOf(node, input));
    node.check(values.length > 0, 'lacks an input');
    const axis = node.int('axis', node.opset < 4 ? 1 : 0);
    if (values.some((v) => v instanceof Tensor)) return concat(values.map(toTensor), axis);
    return joined(node.title, values.map(toHost), axis);
  },
  Slice:
    (node) =>
    ([x, starts, ends, axes, steps]) => {
      const first = starts ? numbersOf(starts) : (node.ints('starts') ?? []);
      const last = ends ? numbersOf(ends) : (node.ints('ends') ?? []);
      const along = axes ? numbersOf(axes) : (node.ints('axes') ?? first.map((_, i) => i));
      const by = steps ? numbersOf(steps) : first.map(() => 1);
      node.check(
        [last, along, by].every((list) => list.length === first.length) && by.every((s) => s !== 0),
        `has ${first.length} starts, ${last.length} ends, ${along.length} axes and steps [${by}]`,
      );
      let value = inputOf(node, x);
      for (const [i, named] of along.entries()) {
        const axis = normalizeAxis(node.title, named, value.shape.length);
        value = sliced(node, value, axis, range(value.shape[axis], first[i], last[i], by[i]), by[i]);
      }
      return value;
    },
  Split:
    (node) =>
    ([x, sizes]) => {
      const given = inputOf(node, x);
      const value = toTensor(given);
      const axis = node.int('axis', 0);
      const equal = Math.ceil(
        value.shape[normalizeAxis(node.title, axis, value.shape.length)] / node.proto.outputs.length,
      );
      const parts = split(value, sizes ? numbersOf(sizes) : (node.ints('split') ?? equal), axis);
      return given instanceof HostArray
        ? parts.map(({ shape, data }) => new HostArray(shape, Array.from(data), given.integer))
        : parts;
    },
  Gather:
    (node) =>
    ([x, at]) => {
      const value = inputOf(node, x);
      const places = inputOf(node, at);
      if (value instanceof HostArray && value.shape.length === 1 && places instanceof Tensor) {
        return lookedUp(node, value, places);
      }
      const indices = toHost(places);
      const axis = normalizeAxis(node.title, node.int('axis', 0), value.shape.length);
      const length = value.shape[axis];
      const positions = Array.from(indices.data, (i) => (i < 0 ? i + length : i));
      for (const i of positions) {
        node.check(Number.isInteger(i) && i >= 0 && i < length, `reads entry ${i} of ${length}`);
      }
      expectAffordable(node.title, value.shape.with(axis, positions.length));
      const taken = take(node, value, axis, positions);
      const shape = value.shape.toSpliced(axis, 1, ...indices.shape);
      return taken instanceof Tensor ? reshape(taken, shape) : new HostArray(shape, taken.data, taken.integer);
    },
  Expand:
    (node) =>
    ([x, shape]) => {
      const value = inputOf(node, x);
      const wanted = broadcastShapes(node.title, value.shape, numbersOf(inputOf(node, shape)));
      expectAffordable(node.title, wanted);
      if (value instanceof Tensor) return add(value, Tensor.zeros(wanted));
      return stretch(node.title, value, wanted);
    },
  Tile:
    (node) =>
    ([x, repeats]) => {
      let value = inputOf(node, x);
      const times = numbersOf(inputOf(node, repeats));
      node.check(times.length === value.shape.length, `repeats ${times.length} axes of ${value.shape.length}`);
      expectAffordable(
        node.title,
        times.map((n, axis) => n * value.shape[axis]),
      );
      for (const [axis, n] of times.entries()) {
        const length = value.shape[axis];
        hostSize(node.title, [n, length]);
        if (n !== 1)
          value = take(
            node,
            value,
            axis,
            Array.from({ length: n * length }, (_, i) => i % length),
          );
      }
      return value;
    },
  Transpose:
    (node) =>
    ([x]) => {
      const value = inputOf(node, x);
      const order = node.ints('perm') ?? everywhere(value.shape.length).reverse();
      if (value instanceof Tensor) return permute(value, order);
      node.check(
        order.toSorted((a, b) => a - b).every((axis, i) => axis === i) && order.length === value.shape.length,
        `has perm [${order}] for ${value.shape.length} axes`,
      );
      return permuted(node.title, value, order);
    },
  DepthToSpace: (node) => {
    const size = blockOf(node);
    const columnsFirst = node.text('mode', 'DCR') === 'CRD';
    return ([input]) => {
      const x = imagesOf(node, input);
      const [n, c, h, w] = x.shape;
      const rest = c / size ** 2;
      node.check(Number.isInteger(rest), `has blocks of ${size} for ${c} channels`);
      const blocks = reshape(x, columnsFirst ? [n, rest, size, size, h, w] : [n, size, size, rest, h, w]);
      const order = columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
      return reshape(permute(blocks, order), [n, rest, h * size, w * size]);
    };
  },
  SpaceToDepth: (node) => {
    const size = blockOf(node);
    return ([input]) => {
      const x = imagesOf(node, input);
      const [n, c, h, w] = x.shape;
      node.check(h % size === 0 && w % size === 0, `has blocks of ${size} for ${h} x ${w} pixels`);
      const blocks = reshape(x, [n, c, h / size, size, w / size, size]);
      return reshape(permute(blocks, [0, 3, 5, 1, 2, 4]), [n, c * size ** 2, h / size, w / size]);
    };
  },
};

function blockOf(node: ImportNode): number {
  const size = node.int('blocksize', 0);
  node.check(Number.isSafeInteger(size) && size > 0, `has blocksize ${size}, which must be at least 1`);
  return size;
}

function imagesOf(node: ImportNode, input: Value | null | undefined): Tensor {
  const x = tensorOf(node, input);
  node.check(x.shape.length === 4, `has an input of ${x.shape.length} axes, but needs images, [N, C, H, W]`);
  return x;
}

interface Range {
  first: number;
  count: number;
}

/** The positions that start:end:step of Python names on an axis. */
function range(length: number, start: number, end: number, step: number): Range {
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (at: number): number => Math.min(most, Math.max(least, at < 0 ? at + length : at));
  const first = within(start);
  return { first, count: Math.max(0, Math.ceil((within(end) - first) / step)) };
}

function sliced(node: ImportNode, x: Value, axis: number, { first, count }: Range, step: number): Value {
  if (x instanceof HostArray) {
    const steps = stridesOf(x.shape);
    const begin = count > 0 ? first * steps[axis] : 0;
    return strided(node.title, x, x.shape.with(axis, count), steps.with(axis, step * steps[axis]), begin);
  }
  expectAffordable(node.title, x.shape.with(axis, count));
  if (count === x.shape[axis] && step === 1) return x;
  if (step === 1 && count > 0) return slice(x, axis, first, first + count);
  return takeAlong(
    x,
    axis,
    Array.from({ length: count }, (_, i) => first + i * step),
  );
}

/** The entries of an axis at some positions. */
export function take(node: ImportNode, x: Value, axis: number, positions: readonly number[]): Value {
  if (x instanceof HostArray) return picked(node.title, x, axis, positions);
  const follows = positions.length > 0 && positions.every((at, i) => at === positions[0] + i);
  return follows ? slice(x, axis, positions[0], positions[0] + positions.length) : takeAlong(x, axis, positions);
}

/** Entries of a table that computed positions name. */
function lookedUp(node: ImportNode, { data, integer }: HostArray, places: Tensor): Tensor {
  const { length } = data;
  const y = pointwise(
    'tableLookup',
    places,
    (place) => {
      const i = place < 0 ? place + length : place;
      node.check(Number.isInteger(i) && i >= 0 && i < length, `reads entry ${place} of ${length}`);
      return data[i];
    },
    null,
    { table: Float32Array.from(data) },
  );
  return integer ? markWhole(y) : y;
}
