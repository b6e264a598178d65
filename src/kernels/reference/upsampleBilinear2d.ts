import type { Floats } from '../../memory/memory.js';
import type { Upsample2dGeometry } from '../contracts/pooling.js';

/**
 * The definition of bilinear resizing: each output lies somewhere between four inputs, and takes more from the nearer.
 *
 * y = (1-a) ((1-b) x[h,w] + b x[h,w+1]) + a ((1-b) x[h+1,w] + b x[h+1,w+1]), a and b in [0, 1) the place between them.
 */
export function upsampleBilinear2d(y: Floats, x: Floats, g: Upsample2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        // (1) the place of this output in the input, and the inputs above and below, left and right of it
        const v = place(p, g.inHeight, g.outHeight, g.alignCorners);
        const u = place(q, g.inWidth, g.outWidth, g.alignCorners);
        const h = Math.floor(v);
        const w = Math.floor(u);
        const a = v - h;
        const b = u - w;
        const above = (plane * g.inHeight + h) * g.inWidth;
        const below = h < g.inHeight - 1 ? above + g.inWidth : above;
        const right = w < g.inWidth - 1 ? w + 1 : w;
        // (2) between left and right, then between above and below
        y[(plane * g.outHeight + p) * g.outWidth + q] =
          (1 - a) * ((1 - b) * x[above + w] + b * x[above + right]) +
          a * ((1 - b) * x[below + w] + b * x[below + right]);
      }
    }
  }
}

/** Each of the four inputs gets the part of dy that it gave. */
export function upsampleBilinear2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        const v = place(p, g.inHeight, g.outHeight, g.alignCorners);
        const u = place(q, g.inWidth, g.outWidth, g.alignCorners);
        const h = Math.floor(v);
        const w = Math.floor(u);
        const a = v - h;
        const b = u - w;
        const above = (plane * g.inHeight + h) * g.inWidth;
        const below = h < g.inHeight - 1 ? above + g.inWidth : above;
        const right = w < g.inWidth - 1 ? w + 1 : w;
        const d = dy[(plane * g.outHeight + p) * g.outWidth + q];
        dx[above + w] += (1 - a) * (1 - b) * d;
        dx[above + right] += (1 - a) * b * d;
        dx[below + w] += a * (1 - b) * d;
        dx[below + right] += a * b * d;
      }
    }
  }
}

/**
 * Where output p of m lies among n inputs. With alignCorners the first and last of both lie on each other; without, the
 * inputs are cells of width 1, the outputs cells of width n/m, and their centers are compared.
 */
function place(p: number, n: number, m: number, alignCorners: boolean): number {
  if (alignCorners) return m === 1 ? 0 : (p * (n - 1)) / (m - 1);
  return Math.min(Math.max(((p + 0.5) * n) / m - 0.5, 0), n - 1);
}
