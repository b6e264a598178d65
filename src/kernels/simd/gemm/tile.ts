import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';

/**
 * Rows of the register tile: with fused multiply-add 6 x 8 is fastest (58 GFLOP/s against 54 for 4 x 8, measured); without, the
 * product needs a register of its own and 4 x 8 is (47 against 30).
 */
export function tileRows(fma: boolean): number {
  return fma ? 6 : 4;
}

/** Columns of the register tile, and the width of a panel of b. */
export const TILE_COLUMNS = 8;

/** How a tile ends: it replaces c or adds to it. */
export const STORE = { overwrite: 0, accumulate: 1 } as const;

/** Rows of sums, two vectors for each panel of b. */
export type Tile = readonly (readonly Variable<'f32x4'>[])[];

/** One panel of b, or two whose columns are neighbors: a tile of 16 columns for compilers that join two vectors into one of 256 bits. */
export type Panels = readonly [I32] | readonly [I32, I32];

export interface TileOperands {
  /** Packed a: [k][rows]. */
  a: I32;
  /** Packed b: [k][8] each. */
  b: Panels;
  k: I32;
  /** Only the first four columns of the panel are wanted. */
  half?: boolean | undefined;
}

/**
 * The heart of every product: `rows` x 8 sums of k products in registers, as outer products of a column of a and a row of b.
 *
 * (1) load eight of b, (2) for each row of a: spread one number over a vector, multiply, add. Unrolled four times in k.
 */
export function emitTile(f: FunctionBuilder, rows: number, { a, b, k, half }: TileOperands): Variable<'f32x4'>[][] {
  const halves = half ? [0] : [0, 16];
  const sums = Array.from({ length: rows }, () => b.flatMap(() => halves.map(() => f.variable('f32x4'))));
  for (const row of sums) for (const sum of row) sum.set(F32x4.of(0));
  const pa = f.let(a);
  const pb = b.map((panel) => f.let(panel));
  const step = (u: number): void => {
    const bs = pb.flatMap((panel) => halves.map((at) => f.let(F32x4.load(panel, 32 * u + at))));
    for (let r = 0; r < rows; r++) {
      const ar = f.let(F32x4.splat(pa, 4 * (rows * u + r)));
      for (const [i, sum] of sums[r].entries()) sum.set(f.fma(ar, bs[i], sum));
    }
  };
  const unrolledEnd = f.let(pb[0].add(k.shr(2).shl(7)));
  f.while(
    () => pb[0].below(unrolledEnd),
    () => {
      for (let u = 0; u < 4; u++) step(u);
      pa.set(pa.add(16 * rows));
      for (const panel of pb) panel.set(panel.add(128));
    },
  );
  f.loop(0, k.and(3), 1, () => {
    step(0);
    pa.set(pa.add(4 * rows));
    for (const panel of pb) panel.set(panel.add(32));
  });
  return sums;
}

/**
 * `from`, one column of b in the first lanes of a panel [k][8], as `to` [k][6]: each number six times, in the order of a panel of six rows of a.
 */
export function emitRepeatColumn(f: FunctionBuilder, from: I32, to: I32, k: I32): void {
  const source = f.let(from);
  const target = f.let(to);
  f.loop(0, k, 1, () => {
    const v = f.let(F32x4.splat(source));
    f.store(target, v);
    f.storeTwo(target, v, 0, 16);
    source.set(source.add(32));
    target.set(target.add(24));
  });
}

/**
 * Six rows of one column: a tile of one number's width would leave most lanes empty, so vectors run along packed a [k][6] and what
 * `emitRepeatColumn` made of b. Each sum is in the first lane of its row.
 */
export function emitColumnTile(f: FunctionBuilder, { a, b, k }: { a: I32; b: I32; k: I32 }): Variable<'f32x4'>[][] {
  const zero = F32x4.of(0);
  // Six vectors are four of k; of three vectors, rows 0 to 3 of an even k, rows 4 and 5 of it and 0 and 1 of the odd one, rows 2 to 5 of the odd one.
  const parts = [0, 1, 2, 3, 4, 5].map(() => f.let(zero));
  const pa = f.let(a);
  const pb = f.let(b);
  f.loop(0, k.shr(2), 1, () => {
    for (const [i, part] of parts.entries()) {
      part.set(f.fma(F32x4.load(pa, 16 * i), F32x4.load(pb, 16 * i), part));
    }
    pa.set(pa.add(96));
    pb.set(pb.add(96));
  });
  const [even, both, odd] = [0, 1, 2].map((i) => f.let(parts[i].add(parts[i + 3])));
  const upper = f.let(even.add(both.shuffle(odd, 2, 3, 4, 5)));
  const lower = f.let(both.add(odd.shuffle(odd, 2, 3, 2, 3)));
  f.loop(0, k.and(3), 1, () => {
    upper.set(f.fma(F32x4.load(pa), F32x4.load(pb), upper));
    lower.set(f.fma(F32x4.loadTwo(pa, 16), F32x4.loadTwo(pb, 16), lower));
    pa.set(pa.add(24));
    pb.set(pb.add(24));
  });
  const lanes = (v: F32x4): F32x4[] => [
    v,
    v.shuffle(v, 1, 1, 1, 1),
    v.shuffle(v, 2, 2, 2, 2),
    v.shuffle(v, 3, 3, 3, 3),
  ];
  return [...lanes(upper), ...lanes(lower).slice(0, 2)].map((v) => [f.let(v)]);
}

/**
 * Walks over the panels of `columns` columns of b and gives `body` the index of each; two whole ones at a time where the compiler joins
 * vectors.
 */
export function emitOverPanels(
  f: FunctionBuilder,
  b: I32,
  panelBytes: I32,
  columns: I32,
  body: (panels: Panels, index: I32) => void,
): void {
  const at = f.let(b);
  const pairs = f.let(f.options.wide ? columns.shr(4).shl(1) : I32.of(0));
  if (f.options.wide) {
    f.loop(0, pairs, 2, (index) => {
      body([at, f.let(at.add(panelBytes))], index);
      at.set(at.add(panelBytes.shl(1)));
    });
  }
  f.loop(pairs, columns.add(7).shr(3), 1, (index) => {
    body([at], index);
    at.set(at.add(panelBytes));
  });
}

/** Adds what c holds to a tile; `columns` below 8 are read one by one. */
function emitAccumulate(f: FunctionBuilder, sums: Tile, c: I32, stride: I32, columns: I32): void {
  const from = f.let(c);
  ifWhole(
    f,
    sums,
    columns,
    () => {
      for (const row of sums) {
        for (const [i, sum] of row.entries()) sum.set(sum.add(F32x4.load(from, 16 * i)));
        from.set(from.add(stride));
      }
    },
    () => {
      const old = f.let(F32x4.of(0));
      for (const row of sums) {
        for (const [half, sum] of row.entries()) {
          for (let lane = 0; lane < 4; lane++) {
            f.if(columns.gt(4 * half + lane), () =>
              old.set(old.loadLane(from.add(16 * half + 4 * lane), lane as 0 | 1 | 2 | 3)),
            );
          }
          sum.set(sum.add(old));
        }
        from.set(from.add(stride));
      }
    },
  );
}

/** Tiles of two panels are always whole: a lane that is read from them would keep the compiler from joining vectors. */
function ifWhole(f: FunctionBuilder, sums: Tile, columns: I32, whole: () => void, part: () => void): void {
  if (sums[0].length > 2) whole();
  else f.if(columns.ge(4 * sums[0].length), whole, part);
}

/**
 * Writes a tile to c, whose rows lie `stride` bytes apart; `columns` below 8 are written one by one. `finish` changes the sums
 * between adding what c holds and writing.
 */
export function emitStore(
  f: FunctionBuilder,
  sums: Tile,
  c: I32,
  stride: I32,
  columns: I32,
  mode: I32,
  finish?: (sums: Tile, c: I32, stride: I32) => void,
): void {
  const pc = f.let(c);
  f.if(mode.eq(STORE.accumulate), () => emitAccumulate(f, sums, pc, stride, columns));
  finish?.(sums, pc, stride);
  ifWhole(
    f,
    sums,
    columns,
    () => {
      for (const row of sums) {
        for (const [i, sum] of row.entries()) f.store(pc, sum, 16 * i);
        pc.set(pc.add(stride));
      }
    },
    () => {
      for (const row of sums) {
        for (let lane = 0; lane < 4 * row.length; lane++) {
          f.if(columns.gt(lane), () => {
            f.storeLane(pc, row[lane >> 2], (lane & 3) as 0 | 1 | 2 | 3, 4 * lane);
          });
        }
        pc.set(pc.add(stride));
      }
    },
  );
}

interface PanelProduct {
  /** Packed rows; `row` is the first of the panel, `k` their whole length, `k0` where this block of it begins. */
  a: I32;
  row: I32;
  k: I32;
  k0: I32;
  b: Panels;
  depth: I32;
  c: I32;
  stride: I32;
  columns: I32;
  mode: I32;
  /** Changes the finished sums: see `emitStore`. */
  finish?: ((sums: Tile, c: I32, stride: I32) => void) | undefined;
}

/** One register tile of a panel of rows: R rows, or in the last panel what is left. */
export function emitPanelProduct(f: FunctionBuilder, R: number, left: I32, p: PanelProduct): void {
  emitRowPanel(f, R, left, p, (rows, a) => {
    const sums = emitTile(f, rows, { a, b: p.b, k: p.depth });
    emitStore(f, sums, p.c, p.stride, p.columns, p.mode, p.finish);
  });
}

/**
 * A panel of R rows, or of what is left of them, by code of its own for each multiple of `step`; `body` gets where their part of a begins.
 */
export function emitRowPanel(
  f: FunctionBuilder,
  R: number,
  left: I32,
  p: Pick<PanelProduct, 'a' | 'row' | 'k' | 'k0'>,
  body: (rows: number, a: I32) => void,
  step = 1,
): void {
  const count = f.let(left.min(R));
  const a = f.let(p.a.add(p.row.mul(p.k).add(p.k0.mul(count)).shl(2)));
  const variant = (rows: number): void => {
    if (rows <= step) body(rows, a);
    else
      f.if(
        count.eq(rows),
        () => body(rows, a),
        () => variant(rows - step),
      );
  };
  variant(R);
}
