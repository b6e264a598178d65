import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { type Shape, stagedColumn } from './depthwiseStage.js';
import type { RowTaps } from './depthwiseWindows.js';

/** Sums of rows of outputs, eight columns of each in two vectors. */
export type Sums = readonly (readonly Variable<'f32x4'>[])[];

function zeros(f: FunctionBuilder, lines: number): Variable<'f32x4'>[][] {
  return Array.from({ length: lines }, () => [f.let(F32x4.of(0)), f.let(F32x4.of(0))]);
}

/** Eight outputs of each of `lines` rows, the windows of the first row beginning at `first`. */
export function emitSums(
  f: FunctionBuilder,
  p: Shape,
  first: I32,
  lines: 1 | 2,
  filter: I32,
  tapStep: I32,
  taps: RowTaps,
  columns: readonly I32[],
): Sums {
  // Sums of many taps are cut in two, so that none waits for the one before it.
  const all = taps > 3 ? [zeros(f, lines), zeros(f, lines)] : [zeros(f, lines)];
  const line = f.let(first);
  const below = f.let(p.strideHeight.mul(p.rowBytes));
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const tap = f.let(filter);
  const add = (column: I32, s: number): void => {
    const sums = all[s % all.length];
    const weight = f.let(F32x4.splat(tap));
    const at = f.let(line.add(column));
    for (const [i, row] of sums.entries()) {
      if (i > 0) at.set(at.add(below));
      for (const [half, sum] of row.entries()) sum.set(f.fma(weight, F32x4.load(at, 16 * half), sum));
    }
    tap.set(tap.add(tapStep));
  };
  f.loop(0, p.kernelHeight, 1, () => {
    if (taps > 0) for (const [s, column] of columns.slice(0, taps).entries()) add(column, s);
    else emitEachColumn(f, p, (column) => add(column, 0));
    line.set(line.add(tapRow));
  });
  const [sums, others = []] = all;
  for (const [i, row] of others.entries())
    for (const [half, sum] of row.entries()) sums[i][half].set(sums[i][half].add(sum));
  return sums;
}

/** The distances of any number of taps from the first of their row. */
function emitEachColumn(f: FunctionBuilder, p: Shape, body: (column: I32) => void): void {
  const column = f.let(I32.of(0));
  const step = f.let(p.dilationWidth.shl(2));
  f.loop(0, p.kernelWidth, 1, (s) => {
    body(column);
    f.if(
      p.strideWidth.eq(1),
      () => column.set(column.add(step)),
      () => column.set(stagedColumn(f, p, p.dilationWidth.mul(s.add(1)))),
    );
  });
}

/**
 * Eight outputs of each of four rows by dense square filters: each row of pixels is read once for all rows of outputs that see it, which have a
 * place in the filter each.
 */
export function emitSquareSums(f: FunctionBuilder, p: Shape, first: I32, filter: I32, tapStep: I32, size: 5 | 7): Sums {
  const sums = zeros(f, 4);
  const taps = sums.map(() => f.let(filter));
  const line = f.let(first);
  for (let r = 0; r < size + 3; r++) {
    if (r > 0) line.set(line.add(p.rowBytes));
    for (let s = 0; s < size; s++) {
      const pixels = [0, 16].map((offset) => f.let(F32x4.load(line, 4 * s + offset)));
      for (const [i, row] of sums.entries()) {
        if (r - i < 0 || r - i >= size) continue;
        const weight = f.let(F32x4.splat(taps[i]));
        for (const [half, sum] of row.entries()) sum.set(f.fma(weight, pixels[half], sum));
        taps[i].set(taps[i].add(tapStep));
      }
    }
  }
  return sums;
}

/** Eight outputs of each of two rows by 3x3 filters, in the same order of sums: of the four rows of pixels that they see, two belong to both. */
export function emitDenseSums(f: FunctionBuilder, p: Shape, first: I32, fixed: readonly F32x4[]): Sums {
  const columns = [0, 4, 8];
  const sums = zeros(f, 2);
  const line = f.let(first);
  for (let r = 0; r < 4; r++) {
    if (r > 0) line.set(line.add(p.rowBytes));
    for (const [s, column] of columns.entries()) {
      const pixels = [0, 16].map((offset) => f.let(F32x4.load(line, column + offset)));
      for (const [i, row] of sums.entries()) {
        if (r - i < 0 || r - i > 2) continue;
        for (const [half, sum] of row.entries()) sum.set(f.fma(fixed[3 * (r - i) + s], pixels[half], sum));
      }
    }
  }
  return sums;
}
