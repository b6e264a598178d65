import type { Shape } from '../../base/shape.js';
import { permute } from '../../tensor/ops/shape/permute.js';
import { reshape } from '../../tensor/ops/shape/reshape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { channelsFirst, channelsLast, storedAxis } from '../axes.js';
import type { GraphNode } from './graphNode.js';

/**
 * A value of the graph. TensorFlow's images are [N, H, W, C]; here they stay [N, C, H, W] from one operation to the next, which `first`
 * says, and are turned only where their numbers are needed in TensorFlow's order.
 */
export interface Value {
  readonly tensor: Tensor;
  /** Of three axes and more: stored with TensorFlow's last axis as the second. */
  readonly first: boolean;
  /** Whole numbers: their quotients are cut. */
  readonly integer: boolean;
}

export function toValue(tensor: Tensor, first = false, integer = false): Value {
  return { tensor, first: first && tensor.shape.length >= 3, integer };
}

/** TensorFlow's shape of a value. */
export function shapeOf({ tensor, first }: Value): Shape {
  const { shape } = tensor;
  return first ? [shape[0], ...shape.slice(2), shape[1]] : shape;
}

/** The numbers in TensorFlow's order. */
export function plain(value: Value): Tensor {
  return value.first ? channelsLast(value.tensor) : value.tensor;
}

/** The numbers with the channels second. */
export function first(value: Value): Tensor {
  return value.first ? value.tensor : channelsFirst(value.tensor);
}

/** An image, [N, C, H, W]. */
export function imageOf(node: GraphNode, value: Value): Tensor {
  node.check(
    value.tensor.shape.length === 4,
    `gets a value of ${value.tensor.shape.length} axes, but takes images, which have 4`,
  );
  return first(value);
}

/** Where TensorFlow's axis of a value lies. */
export function axisOf(node: GraphNode, value: Value, axis: number): number {
  const rank = value.tensor.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  node.check(Number.isInteger(at) && at >= 0 && at < rank, `names axis ${axis} of a value of ${rank} axes`);
  return value.first ? storedAxis(at, rank) : at;
}

/** A result that lies as its input does. */
export function like({ first, integer }: Value, tensor: Tensor): Value {
  return { tensor, first, integer };
}

/** Values to be combined element by element: all with their channels second, if one is. */
export function aligned(values: readonly Value[]): { tensors: Tensor[]; first: boolean } {
  const rank = Math.max(...values.map(({ tensor }) => tensor.shape.length));
  const some = values.some((value) => value.first && value.tensor.shape.length === rank);
  if (!some) return { tensors: values.map(plain), first: false };
  return {
    tensors: values.map((value) =>
      value.first && value.tensor.shape.length === rank ? value.tensor : raised(value, rank),
    ),
    first: true,
  };
}

/** A value with axes of 1 before its own, and its channels second. */
function raised(value: Value, rank: number): Tensor {
  const x = plain(value);
  if (x.shape.length === 0) return x;
  return channelsFirst(reshape(x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]));
}

/** The axes of a value in another order: where they already lie so, nothing is moved. */
export function transposed(node: GraphNode, value: Value, order: readonly number[]): Value {
  const rank = value.tensor.shape.length;
  const axes = order.map((axis) => (axis < 0 ? axis + rank : axis));
  node.check(
    axes.length === rank &&
      new Set(axes).size === rank &&
      axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank),
    `has the order ${order.join(', ')} for a value of ${rank} axes`,
  );
  const stored = axes.map((axis) => axisOf(node, value, axis));
  if (stored.every((axis, i) => axis === i)) return { ...value, first: false };
  const second = axes.map((_, i) => axisOf(node, value, axes[taken(i, rank)]));
  if (rank >= 3 && second.every((axis, i) => axis === i)) return { ...value, first: true };
  return { ...value, tensor: permute(value.tensor, stored), first: false };
}

/** TensorFlow's axis that is stored as axis i where channels lie second. */
function taken(i: number, rank: number): number {
  if (i === 0) return 0;
  return i === 1 ? rank - 1 : i - 1;
}

export function numbersOf(value: Value): number[] {
  return Array.from(plain(value).data);
}

/** Whole numbers that say how something is shaped or where it lies; few, or the file is damaged. */
export function wholeNumbers(node: GraphNode, what: string, value: Value, least = Number.MIN_SAFE_INTEGER): number[] {
  node.check(value.tensor.size <= 2 ** 16, `has a ${what} of ${value.tensor.size} numbers. The file is damaged`);
  const numbers = numbersOf(value);
  node.check(
    numbers.every((n) => Number.isSafeInteger(n) && n >= least),
    `has the ${what} ${numbers.slice(0, 8).join(', ')}, which must be whole numbers${least > -1e9 ? ` >= ${least}` : ''}`,
  );
  return numbers;
}
