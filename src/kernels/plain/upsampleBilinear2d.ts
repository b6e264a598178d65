import type { Floats } from '../../memory/memory.js';
import type { Upsample2dGeometry } from '../contracts/pooling.js';

/**
 * The place of a row once a row, that of a column without a division. Both ways to align the corners are
 * place = (p + offset) * step - offset, with another step and offset.
 */
export function upsampleBilinear2d(y: Floats, x: Floats, g: Upsample2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  const offset = g.alignCorners ? 0 : 0.5;
  const stepHeight = step(H, P, g.alignCorners);
  const stepWidth = step(W, Q, g.alignCorners);
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      // (1) the place of this output in the input, and the inputs above and below, left and right of it
      const v = Math.min(Math.max((p + offset) * stepHeight - offset, 0), H - 1);
      const h = Math.floor(v);
      const a = v - h;
      const above = (plane * H + h) * W;
      const below = h < H - 1 ? above + W : above;
      for (let q = 0; q < Q; q++) {
        const place = (q + offset) * stepWidth - offset;
        const u = place < 0 ? 0 : Math.min(place, W - 1);
        const w = u | 0;
        const b = u - w;
        const right = w < W - 1 ? w + 1 : w;
        // (2) between left and right, then between above and below
        y[out++] =
          (1 - a) * ((1 - b) * x[above + w] + b * x[above + right]) +
          a * ((1 - b) * x[below + w] + b * x[below + right]);
      }
    }
  }
}

export function upsampleBilinear2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  const offset = g.alignCorners ? 0 : 0.5;
  const stepHeight = step(H, P, g.alignCorners);
  const stepWidth = step(W, Q, g.alignCorners);
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      const v = Math.min(Math.max((p + offset) * stepHeight - offset, 0), H - 1);
      const h = Math.floor(v);
      const a = v - h;
      const above = (plane * H + h) * W;
      const below = h < H - 1 ? above + W : above;
      for (let q = 0; q < Q; q++) {
        const place = (q + offset) * stepWidth - offset;
        const u = place < 0 ? 0 : Math.min(place, W - 1);
        const w = u | 0;
        const b = u - w;
        const right = w < W - 1 ? w + 1 : w;
        const d = dy[out++];
        dx[above + w] += (1 - a) * (1 - b) * d;
        dx[above + right] += (1 - a) * b * d;
        dx[below + w] += a * (1 - b) * d;
        dx[below + right] += a * b * d;
      }
    }
  }
}

/** How far apart neighboring outputs lie in the input. */
function step(n: number, m: number, alignCorners: boolean): number {
  if (!alignCorners) return n / m;
  return m === 1 ? 0 : (n - 1) / (m - 1);
}
