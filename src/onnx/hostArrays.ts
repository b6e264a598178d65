import { broadcastShapes, normalizeAxis, type Shape, stridesOf } from '../tensor/shape.js';
import { HostArray, hostSize } from './values.js';

/** The elements at some positions of each axis: `positions[axis]` lists them. */
export function pick(what: string, x: HostArray, positions: readonly ArrayLike<number>[]): HostArray {
  const shape = positions.map((list) => list.length);
  const strides = stridesOf(x.shape);
  const own = stridesOf(shape);
  const data = new Float64Array(hostSize(what, shape));
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      at += strides[axis] * positions[axis][Math.floor(i / own[axis]) % shape[axis]];
    }
    data[i] = x.data[at];
  }
  return new HostArray(shape, data, x.integer);
}

/** Every position of an axis. */
export function everywhere(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** The array with axes of length 1 stretched, and axes put before, to `shape`, which it must broadcast to. */
export function stretch(what: string, x: HostArray, shape: Shape): HostArray {
  const full = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  const positions = shape.map((n, axis) => (full[axis] === n ? everywhere(n) : new Uint8Array(hostSize(what, [n]))));
  return pick(what, new HostArray(full, x.data, x.integer), positions);
}

/** `fn` of the elements of two arrays, with broadcasting. */
export function combine(what: string, a: HostArray, b: HostArray, fn: (a: number, b: number) => number): HostArray {
  const shape = broadcastShapes(what, a.shape, b.shape);
  hostSize(what, shape);
  const [x, z] = [stretch(what, a, shape), stretch(what, b, shape)];
  const integer = a.integer && b.integer;
  const data = Float64Array.from(x.data, (v, i) => (integer ? Math.trunc(fn(v, z.data[i])) : fn(v, z.data[i])));
  return new HostArray(shape, data, integer);
}

/** Arrays one after another along an axis; their other axes are equal. */
export function joined(what: string, parts: readonly HostArray[], axis: number): HostArray {
  const along = normalizeAxis(what, axis, parts[0].shape.length);
  const shape = [...parts[0].shape];
  shape[along] = parts.reduce((sum, { shape: own }) => sum + own[along], 0);
  const data = new Float64Array(hostSize(what, shape));
  const behind = shape.slice(along + 1).reduce((a, b) => a * b, 1);
  const before = shape.slice(0, along).reduce((a, b) => a * b, 1);
  let at = 0;
  for (let block = 0; block < before; block++) {
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
  const shape = order.map((axis) => x.shape[axis]);
  const own = stridesOf(shape);
  const data = new Float64Array(hostSize(what, shape));
  for (let i = 0; i < data.length; i++) {
    let at = 0;
    for (let k = 0; k < order.length; k++) at += strides[order[k]] * (Math.floor(i / own[k]) % shape[k]);
    data[i] = x.data[at];
  }
  return new HostArray(shape, data, x.integer);
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
  const strides = stridesOf(x.shape);
  const own = stridesOf(kept);
  const data = new Float64Array(hostSize(what, kept)).fill(start);
  for (let i = 0; i < x.data.length; i++) {
    let at = 0;
    for (let axis = 0; axis < kept.length; axis++) {
      if (kept[axis] !== 1) at += own[axis] * (Math.floor(i / strides[axis]) % x.shape[axis]);
    }
    data[at] = fn(data[at], x.data[i]);
  }
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !over.includes(axis));
  return new HostArray(shape, data, x.integer);
}
