import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, normalizeAxis, type Shape } from '../../../base/shape.js';
import type { ReduceGeometry } from '../../../kernels/contracts/arithmetic.js';
import { checkNumbers } from '../../checkArguments.js';
import { mergeAxes, stridesWithout } from './mergedAxes.js';

/** Options of `sum`, `mean` and the other reductions. */
export interface ReduceOptions {
  /** Leaves each reduced axis as 1 instead of removing it, so that the result broadcasts against x. Default false. */
  keepDims?: boolean | undefined;
}

/** The geometry of a reduction of `x` over `axes`, neighbors of one kind merged; the result is multiplied by `scale`. */
export function reduceGeometry(x: Shape, axes: readonly number[], scale: number): ReduceGeometry {
  const merged = mergeAxes(x, (axis) => (axes.includes(axis) ? 'reduced' : 'kept'));
  const shape = merged.map(({ size }) => size);
  const reduced = merged.map(({ kind }) => kind === 'reduced');
  let count = 1;
  for (const axis of axes) count *= x[axis];
  return Object.freeze({ shape: Int32Array.from(shape), stridesY: stridesWithout(shape, reduced), count, scale });
}

/** The axes of a reduction, counted from the start and in order; all of them when none are given. */
export function reducedAxes(op: string, axes: number | readonly number[] | undefined, x: Shape): number[] {
  if (axes === undefined) return x.map((_, axis) => axis);
  if (typeof axes !== 'number') checkNumbers(op, 'axes', axes);
  const named = typeof axes === 'number' ? [axes] : axes;
  const wanted = named.map((axis) => normalizeAxis(op, axis, x.length));
  if (new Set(wanted).size !== wanted.length) {
    throw new ArgumentError(`${op}: axes ${formatShape(named)} name an axis of ${formatShape(x)} twice.`);
  }
  return wanted.sort((a, b) => a - b);
}

/** What is left of `x` after a reduction over `axes`: without them, or with each as 1. */
export function reducedShape(x: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return x.map((n, axis) => (axes.includes(axis) ? 1 : n));
  return x.filter((_, axis) => !axes.includes(axis));
}

/** Throws unless every reduced axis has something in it: a maximum of nothing does not exist. */
export function expectNonEmptyAxes(op: string, x: Shape, axes: readonly number[]): void {
  for (const axis of axes) {
    if (x[axis] === 0) throw new ShapeError(`${op}: axis ${axis} of x ${formatShape(x)} is empty; it needs a value.`);
  }
}
