import { add } from '../tensor/ops/add.js';
import { concat } from '../tensor/ops/concat.js';
import { permute } from '../tensor/ops/permute.js';
import { reshape } from '../tensor/ops/reshape.js';
import { slice } from '../tensor/ops/slice.js';
import { split } from '../tensor/ops/split.js';
import { broadcastShapes, normalizeAxis } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { everywhere, joined, permuted, pick, stretch } from './hostArrays.js';
import { inputOf, tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { HostArray, hostSize, numbersOf, toHost, toTensor, type Value } from './values.js';

/** Operations that cut, join, repeat and move, on tensors and on the numbers that shapes are computed from. */
export const moves: Record<string, ImportOp> = {
  Concat: (node) => (inputs) => {
    const values = inputs.map((input) => inputOf(node, input));
    node.check(values.length > 0, 'lacks an input');
    if (values.some((v) => v instanceof Tensor)) return concat(values.map(toTensor), node.int('axis', 0));
    return joined(node.title, values.map(toHost), node.int('axis', 0));
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
        value = take(node, value, axis, range(value.shape[axis], first[i], last[i], by[i]));
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
    ([x, at]) => {
      const value = inputOf(node, x);
      const indices = toHost(inputOf(node, at));
      const axis = normalizeAxis(node.title, node.int('axis', 0), value.shape.length);
      const length = value.shape[axis];
      const positions = Array.from(indices.data, (i) => (i < 0 ? i + length : i));
      for (const i of positions) {
        node.check(Number.isInteger(i) && i >= 0 && i < length, `reads entry ${i} of ${length}`);
      }
      const taken = take(node, value, axis, positions);
      const shape = value.shape.toSpliced(axis, 1, ...indices.shape);
      return taken instanceof Tensor ? reshape(taken, shape) : new HostArray(shape, taken.data, taken.integer);
    },
  Expand:
    (node) =>
    ([x, shape]) => {
      const value = inputOf(node, x);
      const wanted = broadcastShapes(node.title, value.shape, numbersOf(inputOf(node, shape)));
      if (value instanceof Tensor) return add(value, Tensor.zeros(wanted));
      hostSize(node.title, wanted);
      return stretch(node.title, value, wanted);
    },
  Tile:
    (node) =>
    ([x, repeats]) => {
      let value = inputOf(node, x);
      const times = numbersOf(inputOf(node, repeats));
      hostSize(node.title, times);
      node.check(times.length === value.shape.length, `repeats ${times.length} axes of ${value.shape.length}`);
      for (const [axis, n] of times.entries()) {
        if (n === 1) continue;
        const whole = everywhere(value.shape[axis]);
        hostSize(node.title, [n, whole.length]);
        value = take(
          node,
          value,
          axis,
          everywhere(n).flatMap(() => whole),
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
    const size = node.int('blocksize', 1);
    const columnsFirst = node.text('mode', 'DCR') === 'CRD';
    return ([input]) => {
      const x = imagesOf(node, input);
      const [n, c, h, w] = x.shape;
      const rest = c / size ** 2;
      const blocks = reshape(x, columnsFirst ? [n, rest, size, size, h, w] : [n, size, size, rest, h, w]);
      const order = columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
      return reshape(permute(blocks, order), [n, rest, h * size, w * size]);
    };
  },
  SpaceToDepth: (node) => {
    const size = node.int('blocksize', 1);
    return ([input]) => {
      const x = imagesOf(node, input);
      const [n, c, h, w] = x.shape;
      const blocks = reshape(x, [n, c, h / size, size, w / size, size]);
      return reshape(permute(blocks, [0, 3, 5, 1, 2, 4]), [n, c * size ** 2, h / size, w / size]);
    };
  },
};

function imagesOf(node: ImportNode, input: Value | null | undefined): Tensor {
  const x = tensorOf(node, input);
  node.check(x.shape.length === 4, `has an input of ${x.shape.length} axes, but needs images, [N, C, H, W]`);
  return x;
}

/** The positions that start:end:step of Python names on an axis. */
function range(length: number, start: number, end: number, step: number): number[] {
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (at: number): number => Math.min(most, Math.max(least, at < 0 ? at + length : at));
  const first = within(start);
  const count = Math.max(0, Math.ceil((within(end) - first) / step));
  return Array.from({ length: count }, (_, i) => first + i * step);
}

/** The entries of an axis at some positions, neighbours copied together. */
export function take(node: ImportNode, x: Value, axis: number, positions: readonly number[]): Value {
  if (x instanceof HostArray) {
    const all = x.shape.map((n, other) => (other === axis ? positions : everywhere(n)));
    return pick(node.title, x, all);
  }
  const parts: Tensor[] = [];
  for (let i = 0; i < positions.length; ) {
    const first = i++;
    while (i < positions.length && positions[i] === positions[i - 1] + 1) i++;
    parts.push(slice(x, axis, positions[first], positions[i - 1] + 1));
  }
  if (parts.length === 0) return Tensor.zeros(x.shape.with(axis, 0));
  return parts.length === 1 ? parts[0] : concat(parts, axis);
}
