import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { I32 } from '../../../wasm/scalars.js';

/** Axes of an index space, outermost first: how long each is, and how far apart its neighbors lie in each array. */
export interface Axis {
  readonly size: number;
  /** In floats. */
  readonly strides: readonly number[];
}

/** The axes as integers for `emitOffsets`: innermost first, sizes and byte strides. At least one, if need be of size 1. */
export function axisTable(axes: readonly Axis[], arrays: number): number[] {
  const ints = [...axes].reverse().flatMap(({ size, strides }) => [size, ...strides.map((stride) => 4 * stride)]);
  return ints.length > 0 ? ints : new Array<number>(arrays + 1).fill(0);
}

/** How many axes a table holds. */
export function tableAxes(table: readonly number[], arrays: number): number {
  return table.length / (arrays + 1);
}

/**
 * Sets `offsets` to where the row-major `index` over the axes of a table lies in each array, in bytes. A division an axis,
 * except for the outermost.
 */
export function emitOffsets(
  f: FunctionBuilder,
  index: I32,
  table: I32,
  axes: I32,
  offsets: readonly Variable<'i32'>[],
): void {
  const left = f.let(index);
  const p = f.let(table);
  for (const offset of offsets) offset.set(I32.of(0));
  const add = (digit: I32): void => {
    for (const [i, offset] of offsets.entries()) offset.set(offset.add(digit.mul(I32.load(p, 4 + 4 * i))));
  };
  f.loop(1, axes, 1, () => {
    const size = f.let(I32.load(p));
    const rest = f.let(left.div(size));
    const digit = f.let(left.sub(rest.mul(size)));
    add(digit);
    left.set(rest);
    p.set(p.add(4 + 4 * offsets.length));
  });
  add(left);
}
