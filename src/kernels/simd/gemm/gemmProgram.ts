import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { emitOverPanels, emitPanelProduct, tileRows } from './tile.js';

/** Products of k are cut into blocks of this many, so that a panel of b stays in the first-level cache. */
export const BLOCK_K = 512;

const gemm = new Program('gemm', defineMultiply);

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
        const panels = f.let(p.b.add(firstColumn.mul(p.k).add(k0).shl(5)));
        const columns = f.let(lastColumn.shl(3).min(p.columns).sub(firstColumn.shl(3)));
        emitOverPanels(f, panels, f.let(p.k.shl(5)), columns, (b, panel) => {
          const j = f.let(firstColumn.add(panel));
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
