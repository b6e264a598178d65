import type { Floats } from '../../memory/memory.js';
import type { Pool2dGeometry } from '../geometry.js';

/** The definition of max pooling: slide a window over each plane and keep its largest value. The padding takes no part; NaN wins. */
export function maxPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        const at = largest(x, plane, p, q, g);
        y[(plane * g.outHeight + p) * g.outWidth + q] = x[at];
      }
    }
  }
}

/** dy goes to the place that the forward pass took its value from; the others had no influence. */
export function maxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: Pool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        const at = largest(x, plane, p, q, g);
        dx[at] += dy[(plane * g.outHeight + p) * g.outWidth + q];
      }
    }
  }
}

/** Where window (p, q) is largest: the first of equals in row-major order. */
function largest(x: Floats, plane: number, p: number, q: number, g: Pool2dGeometry): number {
  let at = -1;
  for (let r = 0; r < g.kernelHeight; r++) {
    for (let s = 0; s < g.kernelWidth; s++) {
      const h = p * g.strideHeight + r - g.padTop;
      const w = q * g.strideWidth + s - g.padLeft;
      // (1) the part of the window outside of the image does not compete
      if (h < 0 || h >= g.inHeight || w < 0 || w >= g.inWidth) continue;
      // (2) nothing is larger than NaN, so a NaN stays
      const i = (plane * g.inHeight + h) * g.inWidth + w;
      if (at < 0 || x[i] > x[at] || Number.isNaN(x[i])) at = i;
    }
  }
  return at;
}
