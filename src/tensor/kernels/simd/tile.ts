import type { FunctionBuilder, Variable } from '../wasm/function.js';
import type { I32 } from '../wasm/scalars.js';
import { F32x4 } from '../wasm/vectors.js';

/** Rows of the register tile: 6 x 8 floats are 12 of the 16 vector registers; two hold b, one a, one the product. */
export const TILE_ROWS = 6;
/** Columns of the register tile, and the width of a panel of b. */
export const TILE_COLUMNS = 8;

/** How a tile ends: it replaces c, adds to it, or is added to a bias a row. */
export const STORE = { overwrite: 0, accumulate: 1, bias: 2 } as const;

export interface TileOperands {
  /** Packed a: [k][rows]. */
  a: I32;
  /** Packed b: [k][8]. */
  b: I32;
  k: I32;
}

/**
 * The heart of every product: `rows` x 8 sums of k products in registers, as outer products of a column of a and a row of b.
 *
 * (1) load eight of b, (2) for each row of a: spread one number over a vector, multiply, add. Unrolled four times in k.
 */
export function emitTile(f: FunctionBuilder, rows: number, { a, b, k }: TileOperands): Variable<'f32x4'>[][] {
  const sums = Array.from({ length: rows }, () => [f.variable('f32x4'), f.variable('f32x4')]);
  for (const row of sums) for (const sum of row) sum.set(F32x4.of(0));
  const pa = f.let(a);
  const pb = f.let(b);
  const step = (u: number): void => {
    const b0 = f.let(F32x4.load(pb, 32 * u));
    const b1 = f.let(F32x4.load(pb, 32 * u + 16));
    for (let r = 0; r < rows; r++) {
      const ar = f.let(F32x4.splat(pa, 4 * (rows * u + r)));
      sums[r][0].set(f.fma(ar, b0, sums[r][0]));
      sums[r][1].set(f.fma(ar, b1, sums[r][1]));
    }
  };
  const unrolledEnd = f.let(pb.add(k.shr(2).shl(7)));
  f.while(
    () => pb.below(unrolledEnd),
    () => {
      for (let u = 0; u < 4; u++) step(u);
      pa.set(pa.add(16 * rows));
      pb.set(pb.add(128));
    },
  );
  f.loop(0, k.and(3), 1, () => {
    step(0);
    pa.set(pa.add(4 * rows));
    pb.set(pb.add(32));
  });
  return sums;
}

/** Writes a tile to c, whose rows lie `stride` bytes apart; `columns` below 8 are written one by one. */
export function emitStore(
  f: FunctionBuilder,
  sums: readonly (readonly Variable<'f32x4'>[])[],
  c: I32,
  stride: I32,
  columns: I32,
  mode: I32,
  bias: I32,
): void {
  const pc = f.let(c);
  f.if(mode.eq(STORE.bias), () => {
    sums.forEach((row, r) => {
      const value = f.let(F32x4.splat(bias, 4 * r));
      for (const sum of row) sum.set(sum.add(value));
    });
  });
  f.if(
    columns.ge(TILE_COLUMNS),
    () => {
      f.if(mode.eq(STORE.accumulate), () => {
        const from = f.let(pc);
        for (const row of sums) {
          row[0].set(row[0].add(F32x4.load(from)));
          row[1].set(row[1].add(F32x4.load(from, 16)));
          from.set(from.add(stride));
        }
      });
      for (const row of sums) {
        f.store(pc, row[0]);
        f.store(pc, row[1], 16);
        pc.set(pc.add(stride));
      }
    },
    () => {
      for (const row of sums) {
        for (let lane = 0; lane < TILE_COLUMNS; lane++) {
          f.if(columns.gt(lane), () => {
            const old = f.let(F32x4.loadOne(pc, 4 * lane));
            const value = f.let(row[lane >> 2].shuffle(old, lane & 3, 4, 4, 4));
            f.if(mode.eq(STORE.accumulate), () => value.set(value.add(old)));
            f.storeLane(pc, value, 0, 4 * lane);
          });
        }
        pc.set(pc.add(stride));
      }
    },
  );
}
