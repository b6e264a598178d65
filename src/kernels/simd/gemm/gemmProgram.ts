import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitEpilogue, epilogue } from '../conv/epilogue.js';
import { transpose4 } from '../conv/winogradScheme.js';
import { emitStore, emitTile, TILE_COLUMNS, type Tile } from './tile.js';

/** Products of k are cut into blocks of this many, so that a panel of b stays in the first-level cache. */
export const BLOCK_K = 512;

/**
 * Rows of the register tile: with fused multiply-add 6 x 8 is fastest (58 GFLOP/s against 54 for 4 x 8, measured); without, the
 * product needs a register of its own and 4 x 8 is (47 against 30).
 */
export function tileRows(fma: boolean): number {
  return fma ? 6 : 4;
}

const gemm = new Program('gemm', (module) => {
  definePackRows(module);
  definePackColumns(module);
  defineMultiply(module);
  defineDots(module);
});

const packRowsParameters = {
  to: 'i32',
  from: 'i32',
  rows: 'i32',
  outer: 'i32',
  taps: 'i32',
  rowStride: 'i32',
  outerStride: 'i32',
  tapStep: 'i32',
} as const;
export const packRows = gemm.entry('packRows', packRowsParameters);

/**
 * to[panel][k][R] = rows of a, R at a time; the last panel has as many as are left. k runs over `outer` times `taps`:
 * element (i, o, t) lies at from + i * rowStride + o * outerStride + t * tapStep, in bytes. A unit is a panel.
 */
function definePackRows(module: ModuleBuilder): void {
  const R = tileRows(module.options.fma);
  module.func('packRows', { ...packRowsParameters, ...span }, (f, p) => {
    const k = f.let(p.outer.mul(p.taps));
    f.loop(p.begin, p.end, 1, (panel) => {
      const first = f.let(panel.mul(R));
      const count = f.let(p.rows.sub(first).min(R));
      const panelStart = f.let(p.to.add(first.mul(k).shl(2)));
      f.if(
        count.eq(R).and(p.taps.eq(1)).and(p.outerStride.eq(4)),
        () => emitPackWholeRows(f, R, panelStart, p.from.add(first.mul(p.rowStride)), p.outer, p.rowStride),
        () =>
          f.loop(0, count, 1, (r) => {
            const to = f.let(panelStart.add(r.shl(2)));
            const step = f.let(count.shl(2));
            const row = f.let(p.from.add(first.add(r).mul(p.rowStride)));
            f.loop(0, p.outer, 1, () => {
              const from = f.let(row);
              f.loop(0, p.taps, 1, () => {
                f.store(to, F32.load(from));
                to.set(to.add(step));
                from.set(from.add(p.tapStep));
              });
              row.set(row.add(p.outerStride));
            });
          }),
      );
    });
  });
}

/** Rows that lie along k: four by four through registers; the fifth and sixth as pairs. */
function emitPackWholeRows(f: FunctionBuilder, R: number, to: I32, from: I32, k: I32, rowStride: I32): void {
  const rows = Array.from({ length: R }, (_, r) => f.let(from.add(rowStride.mul(r))));
  const out = f.let(to);
  f.loop(0, k.shr(2), 1, () => {
    const vectors = rows.map((row) => f.let(F32x4.load(row)));
    for (const [i, v] of transpose4(f, vectors.slice(0, 4)).entries()) f.store(out, v, 4 * R * i);
    if (R === 6) {
      const low = f.let(vectors[4].shuffle(vectors[5], 0, 4, 1, 5));
      const high = f.let(vectors[4].shuffle(vectors[5], 2, 6, 3, 7));
      for (const i of [0, 1, 2, 3]) f.storeTwo(out, i < 2 ? low : high, (i & 1) as 0 | 1, 4 * R * i + 16);
    }
    for (const row of rows) row.set(row.add(16));
    out.set(out.add(16 * R));
  });
  f.loop(0, k.and(3), 1, () => {
    for (const [r, row] of rows.entries()) {
      f.store(out, F32.load(row), 4 * r);
      row.set(row.add(4));
    }
    out.set(out.add(4 * R));
  });
}

const packColumnsParameters = {
  to: 'i32',
  from: 'i32',
  columns: 'i32',
  k: 'i32',
  kStride: 'i32',
  columnStride: 'i32',
} as const;
export const packColumns = gemm.entry('packColumns', packColumnsParameters);

/** to[panel][k][8] = columns of b, eight at a time, zeros behind the last; element (k, j) at from + k * kStride + j * columnStride. */
function definePackColumns(module: ModuleBuilder): void {
  module.func('packColumns', { ...packColumnsParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (panel) => {
      const to = f.let(p.to.add(panel.mul(p.k).shl(5)));
      const from = f.let(p.from.add(panel.shl(3).mul(p.columnStride)));
      const count = f.let(p.columns.sub(panel.shl(3)));
      f.if(
        p.columnStride.eq(4).and(count.ge(TILE_COLUMNS)),
        () =>
          f.loop(0, p.k, 1, () => {
            f.store(to, F32x4.load(from));
            f.store(to, F32x4.load(from, 16), 16);
            to.set(to.add(32));
            from.set(from.add(p.kStride));
          }),
        () =>
          f.if(
            p.kStride.eq(4).and(count.ge(TILE_COLUMNS)),
            () => emitPackTransposed(f, to, from, p.k, p.columnStride),
            () => emitPackOneByOne(f, to, from, p.k, p.kStride, p.columnStride, count),
          ),
      );
    });
  });
}

/** Columns that lie along k: four by four through registers. */
function emitPackTransposed(f: FunctionBuilder, to: I32, from: I32, k: I32, columnStride: I32): void {
  const whole = f.let(k.and(-4));
  for (const half of [0, 4]) {
    const columns = [0, 1, 2, 3].map((j) => f.let(from.add(columnStride.mul(half + j))));
    const out = f.let(to.add(4 * half));
    f.loop(0, whole, 4, () => {
      for (const [i, v] of transpose4(
        f,
        columns.map((c) => f.let(F32x4.load(c))),
      ).entries())
        f.store(out, v, 32 * i);
      for (const c of columns) c.set(c.add(16));
      out.set(out.add(128));
    });
    f.loop(whole, k, 1, () => {
      for (const [i, c] of columns.entries()) {
        f.store(out, F32.load(c), 4 * i);
        c.set(c.add(4));
      }
      out.set(out.add(32));
    });
  }
}

function emitPackOneByOne(
  f: FunctionBuilder,
  to: I32,
  from: I32,
  k: I32,
  kStride: I32,
  columnStride: I32,
  count: I32,
): void {
  f.loop(0, 8, 1, (j) => {
    const source = f.let(from.add(j.mul(columnStride)));
    const out = f.let(to.add(j.shl(2)));
    const value = f.variable('f32');
    f.loop(0, k, 1, () => {
      value.set(F32.of(0));
      f.if(j.lt(count), () => value.set(F32.load(source)));
      f.store(out, value);
      out.set(out.add(32));
      source.set(source.add(kStride));
    });
  });
}

const multiplyParameters = {
  c: 'i32',
  a: 'i32',
  b: 'i32',
  rows: 'i32',
  columns: 'i32',
  k: 'i32',
  stride: 'i32',
  mode: 'i32',
  blockRows: 'i32',
  blockColumns: 'i32',
} as const;
export const multiply = gemm.entry('multiply', multiplyParameters);

/**
 * c = a b (or +=) from packed panels. A unit is a block of `blockRows` panels of a times `blockColumns` panels of b.
 */
function defineMultiply(module: ModuleBuilder): void {
  const R = tileRows(module.options.fma);
  module.func('multiply', { ...multiplyParameters, ...span }, (f, p) => {
    const rowPanels = f.let(p.rows.add(R - 1).div(R));
    const columnPanels = f.let(p.columns.add(7).shr(3));
    const blocksAcross = f.let(columnPanels.add(p.blockColumns).sub(1).div(p.blockColumns));
    f.loop(p.begin, p.end, 1, (unit) => {
      const down = f.let(unit.div(blocksAcross));
      const firstRow = f.let(down.mul(p.blockRows));
      const lastRow = f.let(firstRow.add(p.blockRows).min(rowPanels));
      const firstColumn = f.let(unit.sub(down.mul(blocksAcross)).mul(p.blockColumns));
      const lastColumn = f.let(firstColumn.add(p.blockColumns).min(columnPanels));
      f.loop(0, p.k, BLOCK_K, (k0) => {
        const depth = f.let(p.k.sub(k0).min(BLOCK_K));
        const mode = f.let(k0.eq(0).select(p.mode, I32.of(1)));
        f.loop(firstColumn, lastColumn, 1, (j) => {
          const b = f.let(p.b.add(j.mul(p.k).add(k0).shl(5)));
          const left = f.let(p.columns.sub(j.shl(3)));
          f.loop(firstRow, lastRow, 1, (i) => {
            const row = f.let(i.mul(R));
            emitPanelProduct(f, R, p.rows.sub(row), {
              a: p.a,
              row,
              k: p.k,
              k0,
              b,
              depth,
              c: p.c.add(row.mul(p.stride)).add(j.shl(5)),
              stride: p.stride,
              columns: left,
              mode,
            });
          });
        });
      });
    });
  });
}

interface PanelProduct {
  /** Packed rows; `row` is the first of the panel, `k` their whole length, `k0` where this block of it begins. */
  a: I32;
  row: I32;
  k: I32;
  k0: I32;
  b: I32;
  depth: I32;
  c: I32;
  stride: I32;
  columns: I32;
  mode: I32;
  /** Changes the finished sums: see `emitStore`. */
  finish?: ((sums: Tile) => void) | undefined;
}

/** One register tile of a panel of rows: R rows, or in the last panel what is left, by code of its own for each number. */
export function emitPanelProduct(f: FunctionBuilder, R: number, left: I32, p: PanelProduct): void {
  const count = f.let(left.min(R));
  const a = f.let(p.a.add(p.row.mul(p.k).add(p.k0.mul(count)).shl(2)));
  const variant = (rows: number): void => {
    const body = (): void => {
      const sums = emitTile(f, rows, { a, b: p.b, k: p.depth });
      emitStore(f, sums, p.c, p.stride, p.columns, p.mode, p.finish);
    };
    if (rows === 1) body();
    else f.if(count.eq(rows), body, () => variant(rows - 1));
  };
  variant(R);
}

const dotsParameters = {
  c: 'i32',
  a: 'i32',
  b: 'i32',
  rows: 'i32',
  columns: 'i32',
  k: 'i32',
  strideA: 'i32',
  strideB: 'i32',
  strideC: 'i32',
  ...epilogue,
} as const;
export const dots = gemm.entry('dots', dotsParameters);

/**
 * c[m, n] = epilogue(a[m] . b[n]) for rows that both lie along k: no packing, vectors run along k. A unit is two columns.
 * The lanes of a sum are folded at its end; what is left of k modulo four is added one by one.
 */
function defineDots(module: ModuleBuilder): void {
  module.func('dots', { ...dotsParameters, ...span }, (f, p) => {
    const whole = f.let(p.k.and(-4).shl(2));
    const all = f.let(p.k.shl(2));
    const tile = (rows: number, columns: number, i: I32, first: I32): void => {
      const last = f.let(p.columns.sub(1));
      const n = Array.from({ length: columns }, (_, c) => f.let(first.add(c).min(last)));
      const pb = n.map((j) => f.let(p.b.add(j.mul(p.strideB))));
      const pa = Array.from({ length: rows }, (_, r) => f.let(p.a.add(i.add(r).mul(p.strideA))));
      const zeros = (): Variable<'f32x4'>[][] => pa.map(() => pb.map(() => f.variable('f32x4')));
      const sums = zeros();
      for (const sum of sums.flat()) sum.set(F32x4.of(0));
      const add = (at: I32, to: typeof sums, offset: number): void => {
        const bs = pb.map((b) => f.let(F32x4.load(b.add(at), offset)));
        for (const [r, a] of pa.entries()) {
          const ar = f.let(F32x4.load(a.add(at), offset));
          for (const [c, b] of bs.entries()) to[r][c].set(f.fma(ar, b, to[r][c]));
        }
      };
      // One row alone would wait for its sums more than for memory: several of each, and several rows of b at once.
      const step = rows === 1 ? 32 : 16;
      const lines = f.let(rows === 1 ? whole.and(-step) : I32.of(0));
      if (rows === 1) {
        const more = zeros();
        for (const sum of more.flat()) sum.set(F32x4.of(0));
        f.loop(0, lines, step, (at) => {
          add(at, sums, 0);
          add(at, more, 16);
        });
        for (const [c, sum] of sums[0].entries()) sum.set(sum.add(more[0][c]));
      }
      f.loop(lines, whole, 16, (at) => add(at, sums, 0));
      const finish = n.map((j) => emitEpilogue(f, p, j));
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const v = sums[r][c];
          const sum = f.let(
            v
              .lane(0)
              .add(v.lane(1))
              .add(v.lane(2).add(v.lane(3))),
          );
          f.loop(whole, all, 4, (at) => sum.set(sum.add(F32.load(pa[r].add(at)).mul(F32.load(pb[c].add(at))))));
          const to = f.let(p.c.add(i.add(r).mul(p.strideC)).add(n[c].shl(2)));
          // The last unit computes its last column again where there are none left.
          f.storeLane(to, finish[c](F32x4.of(sum)), 0);
        }
      }
    };
    f.loop(p.begin, p.end, 1, (unit) => {
      const fours = f.let(p.rows.and(-4));
      const first = f.let(unit.shl(2));
      f.loop(0, fours, 4, (i) => {
        tile(4, 2, i, first);
        f.if(first.add(2).lt(p.columns), () => tile(4, 2, i, f.let(first.add(2))));
      });
      f.loop(fours, p.rows, 1, (i) => tile(1, 4, i, first));
    });
  });
}
