import { ShapeError } from '../base/errors.js';
import {
  broadcastShapes,
  formatShape,
  normalizeAxis,
  type Shape,
  sameShape,
  sizeOf,
  stridesOf,
} from '../base/shape.js';
import { hostSize } from './budget.js';
import { positions } from './ops/stretched.js';
import { HostArray } from './values.js';

/** The elements in the order of `shape`: from element `first`, a step along an axis moves by `steps[axis]`. */
export function strided(what: string, x: HostArray, shape: Shape, steps: readonly number[], first = 0): HostArray {
  const data = new Float64Array(hostSize(what, shape));
  const at = positions(shape, steps, first);
  for (let i = 0; i < data.length; i++) data[i] = x.data[at[i]];
  return new HostArray(shape, data, x.integer, x.dataType);
}

/** Every position of an axis. */
export function everywhere(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** The array with axes of length 1 stretched, and axes put before, to `shape`, which it must broadcast to. */
export function stretch(what: string, x: HostArray, shape: Shape): HostArray {
  const lead = shape.length - x.shape.length;
  const strides = stridesOf(x.shape);
  const steps = shape.map((_, axis) => (axis < lead || x.shape[axis - lead] === 1 ? 0 : strides[axis - lead]));
  return sameShape(x.shape, shape) ? x : strided(what, x, shape, steps);
}

/** `fn` of the elements of two arrays, with broadcasting. */
export function combine(what: string, a: HostArray, b: HostArray, fn: (a: number, b: number) => number): HostArray {
  const shape = broadcastShapes(what, a.shape, b.shape);
  const [x, z] = [stretch(what, a, shape), stretch(what, b, shape)];
  const integer = a.integer && b.integer;
  const data = new Float64Array(hostSize(what, shape));
  for (let i = 0; i < data.length; i++) {
    const y = fn(x.data[i], z.data[i]);
    data[i] = integer ? Math.trunc(y) : y;
  }
  return new HostArray(shape, data, integer);
}

/** `fn` of each element. */
export function mapped(what: string, x: HostArray, fn: (x: number) => number, integer = x.integer): HostArray {
  const data = new Float64Array(hostSize(what, x.shape));
  for (let i = 0; i < data.length; i++) data[i] = fn(x.data[i]);
  return new HostArray(x.shape, data, integer);
}

/** The entries of an axis at some positions. */
export function picked(what: string, x: HostArray, axis: number, at: readonly number[]): HostArray {
  const shape = x.shape.with(axis, at.length);
  const data = new Float64Array(hostSize(what, shape));
  const behind = sizeOf(x.shape.slice(axis + 1));
  const length = x.shape[axis];
  for (let i = 0; i < data.length; i++) {
    const row = Math.floor(i / behind);
    const block = Math.floor(row / at.length);
    data[i] = x.data[(block * length + at[row % at.length]) * behind + (i % behind)];
  }
  return new HostArray(shape, data, x.integer, x.dataType);
}

/** Arrays one after another along an axis; their other axes are equal. */
export function joined(what: string, parts: readonly HostArray[], axis: number): HostArray {
  const along = normalizeAxis(what, axis, parts[0].shape.length);
  const shape = [...parts[0].shape];
  for (const { shape: own } of parts) {
    if (own.length !== shape.length || !own.every((n, axis) => axis === along || n === shape[axis])) {
      throw new ShapeError(`${what}: ${formatShape(own)} does not continue ${formatShape(shape)} along axis ${along}.`);
    }
  }
  shape[along] = parts.reduce((sum, { shape: own }) => sum + own[along], 0);
  const data = new Float64Array(hostSize(what, shape));
  const behind = shape.slice(along + 1).reduce((a, b) => a * b, 1);
  let at = 0;
  for (let block = 0; at < data.length; block++) {
    for (const part of parts) {
      const length = part.shape[along] * behind;
      for (let i = 0; i < length; i++) data[at++] = part.data[block * length + i];
    }
  }
  return new HostArray(
    shape,
    data,
    parts.every(({ integer }) => integer),
  );
}

/** The array with its axes in another order. */
export function permuted(what: string, x: HostArray, order: readonly number[]): HostArray {
  const strides = stridesOf(x.shape);
  return strided(
    what,
    x,
    order.map((axis) => x.shape[axis]),
    order.map((axis) => strides[axis]),
  );
}

/** The array reduced over some axes by `fn`, from `start`. */
export function folded(
  what: string,
  x: HostArray,
  axes: readonly number[],
  keepDims: boolean,
  start: number,
  fn: (sum: number, value: number) => number,
): HostArray {
  const over = axes.map((axis) => normalizeAxis(what, axis, x.shape.length));
  const kept = x.shape.map((n, axis) => (over.includes(axis) ? 1 : n));
  const data = new Float64Array(hostSize(what, kept)).fill(start);
  const own = stridesOf(kept);
  const at = positions(
    x.shape,
    kept.map((n, axis) => (over.includes(axis) || n === 1 ? 0 : own[axis])),
  );
  for (let i = 0; i < at.length; i++) data[at[i]] = fn(data[at[i]], x.data[i]);
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !over.includes(axis));
  return new HostArray(shape, data, x.integer);
}
