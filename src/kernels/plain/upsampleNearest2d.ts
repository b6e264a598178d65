import type { Floats } from '../../memory/memory.js';
import type { Upsample2dGeometry } from '../contracts/pooling.js';

/** Input by input instead of output by output: x[h,w] fills a rectangle of y. Its first row is written, the others are copies. */
export function upsampleNearest2d(y: Floats, x: Floats, g: Upsample2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  for (let plane = 0; plane < planes; plane++) {
    for (let h = 0; h < H; h++) {
      const pStart = Math.ceil((h * P) / H);
      const pEnd = Math.ceil(((h + 1) * P) / H);
      if (pStart === pEnd) continue;
      const row = (plane * H + h) * W;
      const first = (plane * P + pStart) * Q;
      let q = 0;
      for (let w = 0; w < W; w++) {
        const v = x[row + w];
        const qEnd = Math.ceil(((w + 1) * Q) / W);
        for (; q < qEnd; q++) y[first + q] = v;
      }
      for (let p = pStart + 1; p < pEnd; p++) y.copyWithin((plane * P + p) * Q, first, first + Q);
    }
  }
}

export function upsampleNearest2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  for (let plane = 0; plane < planes; plane++) {
    for (let h = 0; h < H; h++) {
      const pStart = Math.ceil((h * P) / H);
      const pEnd = Math.ceil(((h + 1) * P) / H);
      const row = (plane * H + h) * W;
      let qStart = 0;
      for (let w = 0; w < W; w++) {
        const qEnd = Math.ceil(((w + 1) * Q) / W);
        let sum = 0;
        for (let p = pStart; p < pEnd; p++) {
          const from = (plane * P + p) * Q;
          for (let i = from + qStart; i < from + qEnd; i++) sum += dy[i];
        }
        dx[row + w] += sum;
        qStart = qEnd;
      }
    }
  }
}
