import type { Floats } from '../../memory/memory.js';
import { addPanels, blockColumns, packPanels, TILE } from './gemm.js';

/** Below this many rows or columns a tile is mostly padding, and packing costs more than it saves. */
const THIN = 3;
/** Columns packed at once at the least, so that packing the rows anew for each block stays below a tenth of the work. */
const LEAST_COLUMNS = 32;

/**
 * c [M, N] += a [M, K] b [K, N], each a view with steps of its own, so that transposes cost nothing: element (i, k) of a
 * is a[aAt + i * aRow + k * aColumn]. c has columns in steps of 1.
 *
 * 1. one or two rows: a dot product for each element, four columns at a time, nothing packed
 * 2. one or two columns: the same with the roles of a and b exchanged
 * 3. otherwise: a block of columns packed into the workspace, then four packed rows at a time against it (`addTile`)
 */
export function addProduct(
  c: Floats,
  cAt: number,
  a: Floats,
  aAt: number,
  aRow: number,
  aColumn: number,
  b: Floats,
  bAt: number,
  bRow: number,
  bColumn: number,
  M: number,
  N: number,
  K: number,
  workspace: Floats,
): void {
  if (M < THIN) addThin(c, cAt, N, 1, a, aAt, aRow, aColumn, b, bAt, bRow, bColumn, M, N, K);
  else if (N < THIN) addThin(c, cAt, 1, N, b, bAt, bColumn, bRow, a, aAt, aColumn, aRow, N, M, K);
  else {
    const block = blockColumns(N, K, LEAST_COLUMNS);
    const columnsAt = TILE * K;
    for (let j = 0; j < N; j += block) {
      const columns = Math.min(block, N - j);
      packPanels(workspace, columnsAt, b, bAt + j * bColumn, bColumn, bRow, columns, K);
      for (let i = 0; i < M; i += TILE) {
        const rows = Math.min(TILE, M - i);
        packPanels(workspace, 0, a, aAt + i * aRow, aRow, aColumn, rows, K);
        addPanels(c, cAt + i * N + j, N, rows, columns, workspace, 0, workspace, columnsAt, K);
      }
    }
  }
}

/** Floats of workspace for `addProduct`: four rows and a block of columns. */
export function productWorkspace(M: number, N: number, K: number): number {
  return M < THIN || N < THIN ? 0 : (TILE + blockColumns(N, K, LEAST_COLUMNS)) * K;
}

/** The same without packing, c with steps of its own as well. */
function addThin(
  c: Floats,
  cAt: number,
  cRow: number,
  cColumn: number,
  a: Floats,
  aAt: number,
  aRow: number,
  aColumn: number,
  b: Floats,
  bAt: number,
  bRow: number,
  bColumn: number,
  M: number,
  N: number,
  K: number,
): void {
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j += TILE) {
      const last = N - 1;
      let b0 = bAt + j * bColumn;
      let b1 = bAt + Math.min(j + 1, last) * bColumn;
      let b2 = bAt + Math.min(j + 2, last) * bColumn;
      let b3 = bAt + Math.min(j + 3, last) * bColumn;
      let f = aAt + i * aRow;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < K; k++) {
        const v = a[f];
        s0 += v * b[b0];
        s1 += v * b[b1];
        s2 += v * b[b2];
        s3 += v * b[b3];
        f += aColumn;
        b0 += bRow;
        b1 += bRow;
        b2 += bRow;
        b3 += bRow;
      }
      const at = cAt + i * cRow + j * cColumn;
      c[at] += s0;
      if (j + 1 < N) c[at + cColumn] += s1;
      if (j + 2 < N) c[at + 2 * cColumn] += s2;
      if (j + 3 < N) c[at + 3 * cColumn] += s3;
    }
  }
}
