import { sizeOf } from '../../base/shape.js';
import { argmax } from '../../tensor/ops/math/argmax.js';
import { max, min } from '../../tensor/ops/math/max.js';
import { mean } from '../../tensor/ops/math/mean.js';
import { neg } from '../../tensor/ops/math/neg.js';
import { sum } from '../../tensor/ops/math/sum.js';
import { reshape } from '../../tensor/ops/shape/reshape.js';
import { Tensor } from '../../tensor/tensor.js';
import { mapped } from '../pointwise.js';
import { expectRoom } from '../room.js';
import type { GraphNode } from './graphNode.js';
import { type GraphOp, needed } from './graphOps.js';
import { axisOf, like, numbersOf, plain, shapeOf, toValue, type Value, wholeNumbers } from './graphValue.js';
import { take } from './moveAxis.js';

type Reduce = (x: Tensor, axes: readonly number[], options: { keepDims: boolean }) => Tensor;

/** Reductions, and what graphs compute shapes with. */
export const shapes: Readonly<Record<string, GraphOp>> = {
  Mean: reduction(mean),
  Sum: reduction(sum),
  Max: reduction(max),
  Min: reduction(min),
  All: reduction(min),
  Any: reduction(max),
  Prod: (node) => (inputs) => {
    const [x, axes] = needed(node, inputs, 2);
    const over = wholeNumbers(node, 'axes', axes);
    const whole = x.tensor.shape.length === 1 && over.length <= 1;
    node.check(whole && x.tensor.size <= 2 ** 12, 'multiplies more than the numbers of a shape, which is not read');
    const product = numbersOf(x).reduce((a, b) => a * b, 1);
    return toValue(Tensor.from([product], keeps(node) ? [1] : []), false, x.integer);
  },
  ArgMax: arg((x) => x),
  ArgMin: arg(neg),
  Shape: (node) => (inputs) => {
    const shape = shapeOf(needed(node, inputs, 1)[0]);
    return toValue(Tensor.from([...shape], [shape.length]), false, true);
  },
  Size: (node) => (inputs) => toValue(Tensor.from([needed(node, inputs, 1)[0].tensor.size], []), false, true),
  Rank: (node) => (inputs) => toValue(Tensor.from([needed(node, inputs, 1)[0].tensor.shape.length], []), false, true),
  Fill: (node) => (inputs) => {
    const [dims, value] = needed(node, inputs, 2);
    const shape = wholeNumbers(node, 'dims', dims, 0);
    node.check(shape.length <= 8, `makes ${shape.length} axes`);
    expectRoom(`node ${node.title}`, shape);
    return toValue(Tensor.full(shape, numbersOf(value)[0]), false, value.integer);
  },
  ZerosLike: filledLike(0),
  OnesLike: filledLike(1),
  Range: (node) => (inputs) => {
    const [start, limit, delta] = needed(node, inputs, 3).map((value) => numbersOf(value)[0]);
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    node.check(count <= 2 ** 20, `counts from ${start} to ${limit} in steps of ${delta}`);
    return toValue(
      Tensor.from(
        Float32Array.from({ length: count }, (_, i) => start + i * delta),
        [count],
      ),
      false,
      inputs[0].integer,
    );
  },
  StridedSlice: (node) => {
    const mask = (name: string): number => node.number(name, 0);
    const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map(mask);
    return (inputs) => {
      const [x, begin, end, strides] = needed(node, inputs, 4);
      const [starts, ends, steps] = [begin, end, strides].map((v) => wholeNumbers(node, 'begin, end or strides', v));
      return strided(node, x, starts, ends, steps, masks);
    };
  },
};

function keeps(node: GraphNode): boolean {
  return node.flag('keep_dims') || node.flag('keepDims');
}

function reduction(reduce: Reduce): GraphOp {
  return (node) => {
    const keepDims = keeps(node);
    return (inputs) => {
      const [x, axes] = needed(node, inputs, 2);
      const rank = x.tensor.shape.length;
      const over = [...new Set(wholeNumbers(node, 'axes', axes).map((axis) => (axis < 0 ? axis + rank : axis)))];
      if (over.length === 0) return x;
      const places = Array.from({ length: Math.max(0, rank - 2) }, (_, i) => i + 1);
      const inOrder = keepDims || !x.first || over.includes(rank - 1) || places.every((axis) => over.includes(axis));
      const given = inOrder ? x : { ...x, tensor: plain(x), first: false };
      const stored = over.map((axis) => axisOf(node, given, axis));
      const y = reduce(given.tensor, stored, { keepDims });
      const cut = node.op === 'Mean' && x.integer ? mapped(y, { name: 'Mean', f: Math.trunc, slope: () => 0 }) : y;
      return toValue(cut, given.first && keepDims, x.integer);
    };
  };
}

function arg(turn: (x: Tensor) => Tensor): GraphOp {
  return (node) => (inputs) => {
    const [x, at] = needed(node, inputs, 1);
    const axis = at === undefined ? 0 : wholeNumbers(node, 'axis', at)[0];
    const t = turn(plain(x));
    const along = axisOf(node, { ...x, first: false }, axis);
    return toValue(Tensor.from(Float32Array.from(argmax(t, along)), t.shape.toSpliced(along, 1)), false, true);
  };
}

function filledLike(value: number): GraphOp {
  return (node) => (inputs) => {
    const [x] = needed(node, inputs, 1);
    return like(x, Tensor.full(x.tensor.shape, value));
  };
}

/** `x[begin:end:step]` as Python has it, with TensorFlow's bits for what is left out. */
function strided(node: GraphNode, x: Value, starts: number[], ends: number[], steps: number[], masks: number[]): Value {
  const shape = shapeOf(x);
  const [beginMask, endMask, ellipsisMask, newMask, shrinkMask] = masks;
  const has = (bits: number, i: number): boolean => ((bits >> i) & 1) === 1;
  node.check(
    starts.length === ends.length &&
      starts.length === steps.length &&
      starts.length <= 16 &&
      steps.every((s) => s !== 0),
    `has ${starts.length} begins, ${ends.length} ends and the strides ${steps.slice(0, 8).join(', ')}`,
  );
  const added = starts.filter((_, i) => has(newMask, i) && !has(ellipsisMask, i)).length;
  const dots = starts.findIndex((_, i) => has(ellipsisMask, i));
  const named = starts.length - added - (dots >= 0 ? 1 : 0);
  node.check(named <= shape.length, `cuts ${named} axes of ${shape.length}`);
  let t = x.tensor;
  let axis = 0;
  const sizes: number[] = [];
  const keep = (count: number): void => {
    for (let i = 0; i < count; i++) sizes.push(shape[axis++]);
  };
  for (let i = 0; i < starts.length; i++) {
    if (i === dots) keep(shape.length - named);
    else if (has(newMask, i)) sizes.push(1);
    else {
      const length = shape[axis];
      const from = starts[i] < 0 ? starts[i] + length : starts[i];
      const shrinks = has(shrinkMask, i);
      node.check(!shrinks || (from >= 0 && from < length), `reads entry ${starts[i]} of ${length}`);
      const positions = shrinks
        ? [from]
        : range(length, has(beginMask, i) ? null : starts[i], has(endMask, i) ? null : ends[i], steps[i]);
      if (positions.length !== length || steps[i] < 0) t = take(node, t, axisOf(node, x, axis), positions);
      if (!shrinks) sizes.push(positions.length);
      axis++;
    }
  }
  keep(shape.length - axis);
  const cut = like(x, t);
  const now = shapeOf(cut);
  if (now.length === sizes.length && now.every((n, i) => n === sizes[i])) return cut;
  node.check(sizes.length <= 8 && sizeOf(sizes) === t.size, 'makes too many axes');
  return like({ ...x, first: false }, reshape(plain(cut), sizes));
}

function range(length: number, start: number | null, end: number | null, step: number): number[] {
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (at: number): number => Math.min(most, Math.max(least, at < 0 ? at + length : at));
  const from = start === null ? (step > 0 ? 0 : length - 1) : within(start);
  const to = end === null ? (step > 0 ? length : -1) : within(end);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: count }, (_, i) => from + i * step);
}
