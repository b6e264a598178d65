import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import { scratchInts } from '../../../wasm/scratch.js';
import type { Upsample2dGeometry } from '../../contracts/pooling.js';
import { grainOf } from '../elementwise/steps.js';
import { adaptiveValues } from '../pool/poolValues.js';
import { bilinear, type tables } from './upsampleProgram.js';

/** Places and weights of rows and columns are tables; weights are rounded to float32, so y is off by 8 u of the largest x. */
export function upsampleBilinear2d(y: Floats, x: Floats, g: Upsample2dGeometry): void {
  const values = adaptiveValues(y, x, x, g);
  bilinear.bilinear.runGroups([values, placeTables(g)], g.planes, grainOf(g.outHeight * g.outWidth));
}

export function upsampleBilinear2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void {
  const values = adaptiveValues(dy, dx, dx, g);
  bilinear.bilinearBackward.runGroups([values, placeTables(g)], g.planes, grainOf(g.outHeight * g.outWidth));
}

/** Words of an entry of the tables. */
const ENTRY = 3;

function placeTables(g: Upsample2dGeometry): Values<typeof tables> {
  const table = new Int32Array(ENTRY * (g.outHeight + g.outWidth));
  const columns = table.subarray(ENTRY * g.outHeight);
  fillPlaces(table, g.inHeight, g.outHeight, 4 * g.inWidth, g.alignCorners);
  fillPlaces(columns, g.inWidth, g.outWidth, 4, g.alignCorners);
  const rowsAt = scratchInts(table);
  return { rows: rowsAt, columns: rowsAt + 4 * ENTRY * g.outHeight };
}

/** For each of m outputs: bytes to the two of n inputs around it, and the bits of the weight of the second. */
function fillPlaces(table: Int32Array, n: number, m: number, bytes: number, alignCorners: boolean): void {
  const weights = new Float32Array(table.buffer, table.byteOffset);
  const step = alignCorners ? (m === 1 ? 0 : (n - 1) / (m - 1)) : n / m;
  const offset = alignCorners ? 0 : 0.5;
  for (let i = 0; i < m; i++) {
    const place = Math.min(Math.max((i + offset) * step - offset, 0), n - 1);
    const first = Math.floor(place);
    table[ENTRY * i] = bytes * first;
    table[ENTRY * i + 1] = bytes * Math.min(first + 1, n - 1);
    weights[ENTRY * i + 2] = place - first;
  }
}
