import type { Int8PoolGeometry, Int8Range } from '../../contracts/quantized.js';
import { toByte } from './requantize.js';

const { fround } = Math;

export function int8MaxPool(y: Int8Array, x: Int8Array, windows: Int32Array, g: Int8PoolGeometry): void {
  eachWindow(windows, g, (at, rows, columns) => {
    for (let c = 0; c < g.channels; c++) {
      let most = -128;
      for (let h = rows[0]; h < rows[1]; h++) {
        for (let v = columns[0]; v < columns[1]; v++) most = Math.max(most, x[(h * g.inWidth + v) * g.xPixel + c]);
      }
      y[at * g.yPixel + c] = most;
    }
  });
}

export function int8AvgPool(
  y: Int8Array,
  x: Int8Array,
  windows: Int32Array,
  g: Int8PoolGeometry,
  range: Int8Range,
): void {
  eachWindow(windows, g, (at, rows, columns) => {
    const multiplier = fround(fround(g.scale) / (rows[2] * columns[2]));
    for (let c = 0; c < g.channels; c++) {
      let sum = 0;
      for (let h = rows[0]; h < rows[1]; h++) {
        for (let v = columns[0]; v < columns[1]; v++) sum += x[(h * g.inWidth + v) * g.xPixel + c] - g.xZero;
      }
      y[at * g.yPixel + c] = toByte(fround(fround(sum) * multiplier), range);
    }
  });
}

function eachWindow(
  windows: Int32Array,
  g: Int8PoolGeometry,
  visit: (at: number, rows: Int32Array, columns: Int32Array) => void,
): void {
  for (let p = 0; p < g.outHeight; p++) {
    const rows = windows.subarray(3 * p, 3 * p + 3);
    for (let q = 0; q < g.outWidth; q++) {
      const from = 3 * (g.outHeight + q);
      visit(p * g.outWidth + q, rows, windows.subarray(from, from + 3));
    }
  }
}
