import type { Shape } from '../../base/shape.js';
import type { AxisLabels, Labels, TensorLabels } from './labels.js';

/**
 * Labels after a reshape. Axes are compared in blocks of equal size: an axis that stays keeps its labels; channels that are joined with their
 * pixels are repeated for each; channels that are cut into a table, as for a channel shuffle, are tied along its first axis, so that what is left
 * is a table again.
 */
export function reshapeLabels(labels: Labels, before: TensorLabels, from: Shape, to: Shape): TensorLabels {
  const after: AxisLabels[] = to.map(() => null);
  for (const { left, right } of blocks(from, to)) {
    const labeled = left.filter((axis) => before[axis] !== null);
    const [axis] = labeled;
    if (axis === undefined) continue;
    if (labeled.length > 1 || from[axis] === 1) {
      for (const each of labeled) labels.fix(before[each]);
      continue;
    }
    const whole = expand(before[axis] as Int32Array, left, axis, from);
    const sides = right.filter((each) => to[each] > 1);
    place(labels, whole, sides, to, after);
  }
  return after;
}

/** Puts the labels of a block into one of its new axes. */
function place(labels: Labels, whole: Int32Array, sides: readonly number[], to: Shape, after: AxisLabels[]): void {
  const last = sides.at(-1);
  if (last === undefined) {
    labels.fix(whole);
    return;
  }
  if (sides.length === 1) {
    after[last] = whole;
    return;
  }
  const [first] = sides;
  const run = whole.length / to[first];
  const isRepeated = whole.every((label, i) => label === whole[i - (i % run)]);
  if (isRepeated) {
    after[first] = Int32Array.from({ length: to[first] }, (_, i) => whole[i * run]);
    return;
  }
  const width = to[last];
  for (let i = width; i < whole.length; i++) labels.join(whole[i], whole[i % width]);
  after[last] = whole.slice(0, width);
}

/** The label of each place of a block, row by row. */
function expand(own: Int32Array, axes: readonly number[], axis: number, shape: Shape): Int32Array {
  const sizes = axes.map((each) => shape[each]);
  const inner = sizes.slice(axes.indexOf(axis) + 1).reduce((n, m) => n * m, 1);
  const total = sizes.reduce((n, m) => n * m, 1);
  return Int32Array.from({ length: total }, (_, i) => own[Math.floor(i / inner) % own.length]);
}

/** The shortest runs of axes, in order, that have as many numbers before as after; what is left over has length 1. */
function blocks(from: Shape, to: Shape): { left: number[]; right: number[] }[] {
  const found: { left: number[]; right: number[] }[] = [];
  let [i, k] = [0, 0];
  while (i < from.length && k < to.length) {
    const [left, right] = [[i], [k]];
    let [a, b] = [from[i++], to[k++]];
    while (a !== b) {
      if (a < b) {
        left.push(i);
        a *= from[i++];
      } else {
        right.push(k);
        b *= to[k++];
      }
    }
    found.push({ left, right });
  }
  return found;
}
