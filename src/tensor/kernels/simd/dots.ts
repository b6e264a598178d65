import type { FunctionBuilder } from '../wasm/function.js';
import type { I32 } from '../wasm/scalars.js';
import { F32x4 } from '../wasm/vectors.js';
import { transpose4 } from './winogradScheme.js';

/** Rows of the dot-product tile: 4 rows of a and 2 of b are eight sums. */
export const ROWS = 4;

export interface DotOperands {
  /** [panel][rows][8]; rows a multiple of four. */
  a: I32;
  rows: I32;
  /** [panel][columns][8]; columns a multiple of two. */
  b: I32;
  columns: I32;
  panels: I32;
  /** 1 adds to the sums, 0 replaces them. */
  adds: I32;
  /** sums[column][row], its columns `stride` bytes apart. */
  sums: I32;
  stride: I32;
}

/**
 * sums[j][i] = (or +=) sum over panels and their eight lanes of a[panel][i] * b[panel][j]: what weight gradients are made of, where the
 * long axis (pixels or tiles) is the one that vectors run along.
 *
 * Each tile keeps eight vectors of partial sums, and folds their lanes once at its end.
 */
export function emitDots(f: FunctionBuilder, { a, rows, b, columns, panels, adds, sums, stride }: DotOperands): void {
  const tile = [0, 1].map(() => [0, 1, 2, 3].map(() => f.variable('f32x4')));
  const strideA = f.let(rows.shl(5));
  const strideB = f.let(columns.shl(5));
  f.loop(0, rows, ROWS, (i) => {
    f.loop(0, columns, 2, (j) => {
      for (const sum of tile.flat()) sum.set(F32x4.of(0));
      const pa = f.let(a.add(i.shl(5)));
      const pb = f.let(b.add(j.shl(5)));
      f.loop(0, panels, 1, () => {
        for (const half of [0, 16]) {
          const bs = [0, 1].map((c) => f.let(F32x4.load(pb, 32 * c + half)));
          for (let r = 0; r < ROWS; r++) {
            const ar = f.let(F32x4.load(pa, 32 * r + half));
            for (const c of [0, 1]) tile[c][r].set(f.fma(ar, bs[c], tile[c][r]));
          }
        }
        pa.set(pa.add(strideA));
        pb.set(pb.add(strideB));
      });
      for (const c of [0, 1]) {
        const [s0, s1, s2, s3] = transpose4(f, tile[c]);
        const to = f.let(sums.add(j.add(c).mul(stride)).add(i.shl(2)));
        const sum = f.let(s0.add(s1).add(s2.add(s3)));
        f.if(adds, () => sum.set(sum.add(F32x4.load(to))));
        f.store(to, sum);
      }
    });
  });
}
