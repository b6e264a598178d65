import type { Floats } from '../../memory/memory.js';
import type { AdaptivePool2dGeometry } from '../contracts/pooling.js';

/** The definition of adaptive max pooling: the windows of `adaptiveAvgPool2d`, the largest value of each. NaN wins. */
export function adaptiveMaxPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        y[(plane * g.outHeight + p) * g.outWidth + q] = x[largest(x, plane, p, q, g)];
      }
    }
  }
}

export function adaptiveMaxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        dx[largest(x, plane, p, q, g)] += dy[(plane * g.outHeight + p) * g.outWidth + q];
      }
    }
  }
}

/** Where window (p, q) is largest: the first of equals in row-major order. */
function largest(x: Floats, plane: number, p: number, q: number, g: AdaptivePool2dGeometry): number {
  const hStart = Math.floor((p * g.inHeight) / g.outHeight);
  const hEnd = Math.ceil(((p + 1) * g.inHeight) / g.outHeight);
  const wStart = Math.floor((q * g.inWidth) / g.outWidth);
  const wEnd = Math.ceil(((q + 1) * g.inWidth) / g.outWidth);
  let at = -1;
  for (let h = hStart; h < hEnd; h++) {
    for (let w = wStart; w < wEnd; w++) {
      const i = (plane * g.inHeight + h) * g.inWidth + w;
      if (at < 0 || x[i] > x[at] || Number.isNaN(x[i])) at = i;
    }
  }
  return at;
}
