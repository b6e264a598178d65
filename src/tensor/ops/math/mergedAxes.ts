import type { Shape } from '../../../base/shape.js';

/** Neighboring axes of a shape that a kernel treats alike, as one. */
export interface MergedAxis<K> {
  size: number;
  kind: K;
}

/** At least one axis; neighbors of one kind multiplied; none of length 1 unless it is the only one. */
export function mergeAxes<K extends string>(shape: Shape, kindOf: (axis: number) => K): MergedAxis<K | 'none'>[] {
  const merged: MergedAxis<K | 'none'>[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const kind = kindOf(axis);
    const last = merged.at(-1);
    if (last?.kind === kind) last.size *= size;
    else merged.push({ size, kind });
  });
  return merged.length > 0 ? merged : [{ size: 1, kind: 'none' }];
}

/** Row-major strides of an array that lacks some axes of `shape`: 0 along those. */
export function stridesWithout(shape: readonly number[], lacks: readonly boolean[]): Int32Array {
  const strides = new Int32Array(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (lacks[axis]) continue;
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}
