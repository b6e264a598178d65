import { concat } from '../../tensor/ops/shape/concat.js';
import { slice } from '../../tensor/ops/shape/slice.js';
import { Tensor } from '../../tensor/tensor.js';
import { expectRoom } from '../room.js';
import type { GraphNode } from './graphNode.js';
import { axisOf, first, plain, toValue, type Value } from './graphValue.js';

/** The entries of an axis at some positions, neighbors copied together. */
export function take(node: GraphNode, x: Tensor, axis: number, positions: readonly number[]): Tensor {
  expectRoom(`node ${node.title}`, x.shape.with(axis, positions.length));
  const parts: Tensor[] = [];
  for (let i = 0; i < positions.length; ) {
    const begin = i++;
    while (i < positions.length && positions[i] === positions[i - 1] + 1) i++;
    parts.push(slice(x, axis, positions[begin], positions[i - 1] + 1));
    node.check(parts.length <= 2 ** 14, `takes ${positions.length} entries, too many apart`);
  }
  if (parts.length === 0) return Tensor.zeros(x.shape.with(axis, 0));
  return parts.length === 1 ? parts[0] : concat(parts, axis);
}

/** An axis with more before and behind: a number, or what lies behind a mirror at the border pixel or at its edge. */
export function padAxis(
  node: GraphNode,
  x: Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  mode: string,
  value: number,
): Tensor {
  if (before === 0 && after === 0) return x;
  const length = x.shape[axis];
  expectRoom(`node ${node.title}`, x.shape.with(axis, before + length + after));
  if (mode === 'CONSTANT') {
    const fill = (size: number): Tensor[] => (size === 0 ? [] : [Tensor.full(x.shape.with(axis, size), value)]);
    return concat([...fill(before), x, ...fill(after)], axis);
  }
  const skip = mode === 'REFLECT' ? 1 : 0;
  node.check(Math.max(before, after) <= length - skip, `mirrors ${Math.max(before, after)} of an axis of ${length}`);
  const mirrored = (size: number, from: number): number[] => Array.from({ length: size }, (_, i) => from - i);
  const positions = [
    ...mirrored(before, before - 1 + skip),
    ...Array.from({ length }, (_, i) => i),
    ...mirrored(after, length - 1 - skip),
  ];
  return take(node, x, axis, positions);
}

/** Values one after another along TensorFlow's axis: all with their channels second, if one is. */
export function joined(node: GraphNode, values: readonly Value[], axis: number): Value {
  const some = values.some((value) => value.first);
  const rank = values[0].tensor.shape.length;
  node.check(
    values.every(({ tensor }) => tensor.shape.length === rank),
    'joins values of different numbers of axes',
  );
  const tensors = values.map((value) => (some ? first(value) : plain(value)));
  const along = axisOf(node, { ...values[0], first: some }, axis);
  return toValue(
    concat(tensors, along),
    some,
    values.every(({ integer }) => integer),
  );
}
