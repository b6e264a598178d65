import type { FunctionBuilder } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { transpose4 } from '../conv/winogradScheme.js';

/** Rows of the dot-product tile: 4 rows of a and 2 of b are eight sums. */
export const ROWS = 4;

/** Bytes between panels that would lie a power of two apart: their lines would share a set of the first-level cache. */
export const PANEL_GAP = 64;

export interface DotOperands {
  /** Panels of eight lanes, in tiles of four rows: the tiles lie `tile` bytes apart, the panels of a tile `panel` bytes, its rows 32 bytes. */
  a: { at: I32; tile: I32; panel: I32 };
  /** A multiple of four. */
  rows: I32;
  /** The same in tiles of two columns. */
  b: { at: I32; tile: I32; panel: I32 };
  /** A multiple of two. */
  columns: I32;
  panels: I32;
  /** 1 adds to the sums, 0 replaces them. */
  adds: I32;
  /** sums[row / 4][column][4], the fours of rows `groupBytes` apart. */
  sums: I32;
  groupBytes: I32;
}

/**
 * sums[i / 4][j][i % 4] = (or +=) sum over panels and their eight lanes of a[panel][i] * b[panel][j]: what weight gradients are made of,
 * where the long axis (pixels or tiles) is the one that vectors run along.
 *
 * Each tile keeps eight vectors of partial sums, and folds their lanes once at its end.
 */
export function emitDots(
  f: FunctionBuilder,
  { a, rows, b, columns, panels, adds, sums, groupBytes }: DotOperands,
): void {
  const tile = [0, 1].map(() => [0, 1, 2, 3].map(() => f.variable('f32x4')));
  const startA = f.let(a.at);
  const group = f.let(sums);
  f.loop(0, rows, ROWS, () => {
    const startB = f.let(b.at);
    const to = f.let(group);
    f.loop(0, columns, 2, () => {
      for (const sum of tile.flat()) sum.set(F32x4.of(0));
      const pa = f.let(startA);
      const pb = f.let(startB);
      f.loop(0, panels, 1, () => {
        for (const half of [0, 16]) {
          const bs = [0, 1].map((c) => f.let(F32x4.load(pb, 32 * c + half)));
          for (let r = 0; r < ROWS; r++) {
            const ar = f.let(F32x4.load(pa, 32 * r + half));
            for (const c of [0, 1]) tile[c][r].set(f.fma(ar, bs[c], tile[c][r]));
          }
        }
        pa.set(pa.add(a.panel));
        pb.set(pb.add(b.panel));
      });
      for (const c of [0, 1]) {
        const [s0, s1, s2, s3] = transpose4(f, tile[c]);
        const sum = f.let(s0.add(s1).add(s2.add(s3)));
        f.if(adds, () => sum.set(sum.add(F32x4.load(to, 16 * c))));
        f.store(to, sum, 16 * c);
      }
      startB.set(startB.add(b.tile));
      to.set(to.add(32));
    });
    startA.set(startA.add(a.tile));
    group.set(group.add(groupBytes));
  });
}
