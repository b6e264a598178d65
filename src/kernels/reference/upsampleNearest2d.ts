import type { Floats } from '../../memory/memory.js';
import type { Upsample2dGeometry } from '../contracts/pooling.js';

/** The definition of nearest-neighbor resizing: y[p,q] = x[floor(p H / P), floor(q W / Q)] */
export function upsampleNearest2d(y: Floats, x: Floats, g: Upsample2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        const h = Math.floor((p * g.inHeight) / g.outHeight);
        const w = Math.floor((q * g.inWidth) / g.outWidth);
        y[(plane * g.outHeight + p) * g.outWidth + q] = x[(plane * g.inHeight + h) * g.inWidth + w];
      }
    }
  }
}

/** dx[h,w] += the sum of dy over all (p,q) that copied it: floor(p H / P) = h means ceil(h P / H) <= p < ceil((h+1) P / H). */
export function upsampleNearest2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let h = 0; h < g.inHeight; h++) {
      for (let w = 0; w < g.inWidth; w++) {
        let sum = 0;
        for (let p = first(h, g.inHeight, g.outHeight); p < first(h + 1, g.inHeight, g.outHeight); p++) {
          for (let q = first(w, g.inWidth, g.outWidth); q < first(w + 1, g.inWidth, g.outWidth); q++) {
            sum += dy[(plane * g.outHeight + p) * g.outWidth + q];
          }
        }
        dx[(plane * g.inHeight + h) * g.inWidth + w] += sum;
      }
    }
  }
}

/** The first of m outputs that copies input h of n, or a later one. */
function first(h: number, n: number, m: number): number {
  return Math.ceil((h * m) / n);
}
