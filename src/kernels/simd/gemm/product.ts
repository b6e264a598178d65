import { usesRelaxedSimd } from '../../../wasm/program.js';
import { multiply } from './gemmProgram.js';
import { packColumns, packRows } from './packing.js';
import { STORE, tileRows } from './tile.js';

/** A matrix in the heap: where it begins, and the bytes between its rows and columns. */
export interface Matrix {
  readonly pointer: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Floats of workspace that a product packs its operands into. */
export function productWorkspace(m: number, n: number, k: number): number {
  return m * k + Math.ceil(n / 8) * 8 * k;
}

/**
 * c = a b, or c += with `accumulate`; c's columns lie side by side, its rows `strideC` bytes apart. Both operands are packed into
 * panels first, so any strides will do.
 */
export function product(
  c: number,
  strideC: number,
  a: Matrix,
  b: Matrix,
  m: number,
  n: number,
  k: number,
  accumulate: boolean,
  workspace: number,
): void {
  if (m === 0 || n === 0) return;
  const R = tileRows(usesRelaxedSimd());
  const rowPanels = Math.ceil(m / R);
  const columnPanels = Math.ceil(n / 8);
  const packedA = workspace;
  const packedB = workspace + 4 * m * k;
  const few = (panelBytes: number): number => Math.max(1, Math.ceil(32768 / panelBytes));
  const rows = { rows: m, outer: k, taps: 1, rowStride: a.rowStride, outerStride: a.columnStride, tapStep: 0 };
  packRows.runGroups([{ to: packedA, from: a.pointer }, rows], rowPanels, few(4 * R * k));
  const columns = { columns: n, k, kStride: b.rowStride, columnStride: b.columnStride };
  packColumns.runGroups([{ to: packedB, from: b.pointer }, columns], columnPanels, few(32 * k));
  const blockRows = 16;
  const blockColumns = 16;
  const units = Math.ceil(rowPanels / blockRows) * Math.ceil(columnPanels / blockColumns);
  const mode = accumulate ? STORE.accumulate : STORE.overwrite;
  const sizes = { rows: m, columns: n, k, stride: strideC };
  multiply.runGroups([{ c, a: packedA, b: packedB, mode, blockRows, blockColumns }, sizes], units, 1);
}
