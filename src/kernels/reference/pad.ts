import type { Floats } from '../../memory/memory.js';
import type { PadGeometry } from '../contracts/movement.js';

/** Each output pixel looks up its row and its column; -1 means that it lies outside and holds `value`. */
export function pad(y: Floats, x: Floats, g: PadGeometry): void {
  const { planes, inHeight, inWidth, rows, columns, value } = g;
  const outHeight = rows.length;
  const outWidth = columns.length;
  let o = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < outHeight; p++) {
      const row = rows[p];
      const begin = (plane * inHeight + row) * inWidth;
      for (let q = 0; q < outWidth; q++, o++) {
        const column = columns[q];
        y[o] = row < 0 || column < 0 ? value : x[begin + column];
      }
    }
  }
}

export function padBackward(dx: Floats, dy: Floats, g: PadGeometry): void {
  const { planes, inHeight, inWidth, rows, columns } = g;
  const outHeight = rows.length;
  const outWidth = columns.length;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < outHeight; p++) {
      const row = rows[p];
      if (row < 0) continue;
      const begin = (plane * inHeight + row) * inWidth;
      const from = (plane * outHeight + p) * outWidth;
      for (let q = 0; q < outWidth; q++) {
        const column = columns[q];
        if (column >= 0) dx[begin + column] += dy[from + q];
      }
    }
  }
}
