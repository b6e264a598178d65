import type { Floats } from '../../memory/memory.js';

/*
 * One loop does nearly all the arithmetic of a network: c += a b on a tile of 4x4, its 16 sums in locals.
 *
 * Per step of k it loads 8 numbers and does 16 multiplies and adds, so the loads hide behind the arithmetic; 3x3, 3x4 and
 * 2x4 tiles measured 0 to 8 % slower, and unrolling k brought nothing. The sums are doubles: rounding each product to
 * float32 with Math.fround costs a factor of five.
 */

/** Rows and columns of a tile: `addTile` is written out for this number. */
export const TILE = 4;

/** What a block of packed columns may take: 64 Ki floats, 256 KiB, stay in the second-level cache. */
export const BLOCK_FLOATS = 65536;

/** The 16 sums of a tile that hangs over the edge of c. */
const edge = new Float64Array(TILE * TILE);

/** `n` rounded up to whole tiles. */
export function wholeTiles(n: number): number {
  return Math.ceil(n / TILE) * TILE;
}

/** How many columns of length K to pack at once: what `BLOCK_FLOATS` holds, in whole tiles, but at least `least`. */
export function blockColumns(columns: number, K: number, least: number): number {
  const fitting = Math.floor(BLOCK_FLOATS / Math.max(1, K) / TILE) * TILE;
  return Math.min(wholeTiles(columns), Math.max(least, fitting));
}

/**
 * c[i,j] += sum over k of a[k,i] * b[k,j] for one tile, a and b packed as [K, 4]; of c, with `row` floats from row to row,
 * only the first `rows` and `columns` are touched.
 */
export function addTile(
  c: Floats,
  at: number,
  row: number,
  rows: number,
  columns: number,
  a: Floats,
  aAt: number,
  b: Floats,
  bAt: number,
  K: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let k = 0; k < K; k++) {
    const b0 = b[bAt];
    const b1 = b[bAt + 1];
    const b2 = b[bAt + 2];
    const b3 = b[bAt + 3];
    let v = a[aAt];
    c00 += v * b0;
    c01 += v * b1;
    c02 += v * b2;
    c03 += v * b3;
    v = a[aAt + 1];
    c10 += v * b0;
    c11 += v * b1;
    c12 += v * b2;
    c13 += v * b3;
    v = a[aAt + 2];
    c20 += v * b0;
    c21 += v * b1;
    c22 += v * b2;
    c23 += v * b3;
    v = a[aAt + 3];
    c30 += v * b0;
    c31 += v * b1;
    c32 += v * b2;
    c33 += v * b3;
    aAt += 4;
    bAt += 4;
  }
  if (rows === 4 && columns === 4) {
    c[at] += c00;
    c[at + 1] += c01;
    c[at + 2] += c02;
    c[at + 3] += c03;
    at += row;
    c[at] += c10;
    c[at + 1] += c11;
    c[at + 2] += c12;
    c[at + 3] += c13;
    at += row;
    c[at] += c20;
    c[at + 1] += c21;
    c[at + 2] += c22;
    c[at + 3] += c23;
    at += row;
    c[at] += c30;
    c[at + 1] += c31;
    c[at + 2] += c32;
    c[at + 3] += c33;
    return;
  }
  edge[0] = c00;
  edge[1] = c01;
  edge[2] = c02;
  edge[3] = c03;
  edge[4] = c10;
  edge[5] = c11;
  edge[6] = c12;
  edge[7] = c13;
  edge[8] = c20;
  edge[9] = c21;
  edge[10] = c22;
  edge[11] = c23;
  edge[12] = c30;
  edge[13] = c31;
  edge[14] = c32;
  edge[15] = c33;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) c[at + i * row + j] += edge[i * 4 + j];
  }
}

/** c [M, N] += a b, both packed by `packPanels`: a in panels of four rows, b in panels of four columns. */
export function addPanels(
  c: Floats,
  at: number,
  row: number,
  M: number,
  N: number,
  a: Floats,
  aAt: number,
  b: Floats,
  bAt: number,
  K: number,
): void {
  // A panel of a stays in the first-level cache while all columns pass by.
  for (let i = 0; i < M; i += TILE) {
    const rows = Math.min(TILE, M - i);
    for (let j = 0; j < N; j += TILE) {
      addTile(c, at + i * row + j, row, rows, Math.min(TILE, N - j), a, aAt + i * K, b, bAt + j * K, K);
    }
  }
}

/**
 * Copies `lanes` vectors of length K into panels of four: to[panel, k, lane]. Lane l begins at `from[at + l * laneStep]` and
 * goes on in steps of `kStep`. A panel that is not full repeats its last lane, whose results nobody stores.
 */
export function packPanels(
  to: Floats,
  toAt: number,
  from: Floats,
  at: number,
  laneStep: number,
  kStep: number,
  lanes: number,
  K: number,
): void {
  let t = toAt;
  for (let lane = 0; lane < lanes; lane += TILE) {
    const last = lanes - 1;
    let f0 = at + lane * laneStep;
    let f1 = at + Math.min(lane + 1, last) * laneStep;
    let f2 = at + Math.min(lane + 2, last) * laneStep;
    let f3 = at + Math.min(lane + 3, last) * laneStep;
    for (let k = 0; k < K; k++) {
      to[t] = from[f0];
      to[t + 1] = from[f1];
      to[t + 2] = from[f2];
      to[t + 3] = from[f3];
      t += 4;
      f0 += kStep;
      f1 += kStep;
      f2 += kStep;
      f3 += kStep;
    }
  }
}
