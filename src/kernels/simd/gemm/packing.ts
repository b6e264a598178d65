import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { transpose4 } from '../conv/winogradScheme.js';
import { TILE_COLUMNS, tileRows } from './tile.js';

/** Copies the operands of a product into panels, in the order in which the register tile reads them. */
const packing = new Program('packing', (module) => {
  definePackRows(module);
  definePackColumns(module);
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
export const packRows = packing.entry('packRows', packRowsParameters);

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
export const packColumns = packing.entry('packColumns', packColumnsParameters);

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
