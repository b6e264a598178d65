import type { Floats } from '../../memory/memory.js';
import type { AdaptivePool2dGeometry } from '../contracts/pooling.js';

/** Window bounds once a row and once a window, instead of once a cell. */
export function adaptiveMaxPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      const hStart = Math.floor((p * H) / P);
      const hEnd = Math.ceil(((p + 1) * H) / P);
      for (let q = 0; q < Q; q++) {
        const wStart = Math.floor((q * W) / Q);
        const wEnd = Math.ceil(((q + 1) * W) / Q);
        let best = -Infinity;
        for (let h = hStart; h < hEnd; h++) {
          const row = (plane * H + h) * W;
          for (let i = row + wStart; i < row + wEnd; i++) best = Math.max(best, x[i]);
        }
        y[out++] = best;
      }
    }
  }
}

export function adaptiveMaxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      const hStart = Math.floor((p * H) / P);
      const hEnd = Math.ceil(((p + 1) * H) / P);
      for (let q = 0; q < Q; q++) {
        const wStart = Math.floor((q * W) / Q);
        const wEnd = Math.ceil(((q + 1) * W) / Q);
        let at = (plane * H + hStart) * W + wStart;
        let best = x[at];
        for (let h = hStart; h < hEnd; h++) {
          const row = (plane * H + h) * W;
          for (let i = row + wStart; i < row + wEnd; i++) {
            const v = x[i];
            if (v > best || Number.isNaN(v)) {
              best = v;
              at = i;
            }
          }
        }
        dx[at] += dy[out++];
      }
    }
  }
}
