import type { Floats } from '../../memory/memory.js';
import type { Pool2dGeometry } from '../geometry.js';

/** The definition of average pooling: the sum of each window, divided by the number of cells that count. */
export function avgPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        let sum = 0;
        // (1) one window: outside of the image lie zeros
        for (let r = 0; r < g.kernelHeight; r++) {
          for (let s = 0; s < g.kernelWidth; s++) {
            const h = p * g.strideHeight + r - g.padTop;
            const w = q * g.strideWidth + s - g.padLeft;
            if (h < 0 || h >= g.inHeight || w < 0 || w >= g.inWidth) continue;
            sum += x[(plane * g.inHeight + h) * g.inWidth + w];
          }
        }
        // (2) the average
        y[(plane * g.outHeight + p) * g.outWidth + q] = sum / divisor(p, q, g);
      }
    }
  }
}

/** Every cell of a window had the same share in its average, so each gets that share of dy. */
export function avgPool2dBackward(dx: Floats, dy: Floats, g: Pool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        const share = dy[(plane * g.outHeight + p) * g.outWidth + q] / divisor(p, q, g);
        for (let r = 0; r < g.kernelHeight; r++) {
          for (let s = 0; s < g.kernelWidth; s++) {
            const h = p * g.strideHeight + r - g.padTop;
            const w = q * g.strideWidth + s - g.padLeft;
            if (h < 0 || h >= g.inHeight || w < 0 || w >= g.inWidth) continue;
            dx[(plane * g.inHeight + h) * g.inWidth + w] += share;
          }
        }
      }
    }
  }
}

function divisor(p: number, q: number, g: Pool2dGeometry): number {
  return (
    cells(p * g.strideHeight - g.padTop, g.kernelHeight, g.inHeight, g.padTop, g.countIncludePad) *
    cells(q * g.strideWidth - g.padLeft, g.kernelWidth, g.inWidth, g.padLeft, g.countIncludePad)
  );
}

/** How many cells of a window count along one axis. What ceilMode added behind the padding never does. */
function cells(start: number, kernel: number, n: number, pad: number, countIncludePad: boolean): number {
  const end = Math.min(start + kernel, n + pad);
  return countIncludePad ? end - start : Math.min(end, n) - Math.max(start, 0);
}
