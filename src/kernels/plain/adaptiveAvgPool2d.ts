import type { Floats } from '../../memory/memory.js';
import type { AdaptivePool2dGeometry } from '../contracts/pooling.js';

/** Window bounds once a row and once a window; one window for the whole plane is a straight sum. */
export function adaptiveAvgPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  if (P === 1 && Q === 1) {
    planeMeans(y, x, planes, H * W);
    return;
  }
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      const hStart = Math.floor((p * H) / P);
      const hEnd = Math.ceil(((p + 1) * H) / P);
      for (let q = 0; q < Q; q++) {
        const wStart = Math.floor((q * W) / Q);
        const wEnd = Math.ceil(((q + 1) * W) / Q);
        let sum = 0;
        for (let h = hStart; h < hEnd; h++) {
          const row = (plane * H + h) * W;
          for (let i = row + wStart; i < row + wEnd; i++) sum += x[i];
        }
        y[out++] = sum / ((hEnd - hStart) * (wEnd - wStart));
      }
    }
  }
}

export function adaptiveAvgPool2dBackward(dx: Floats, dy: Floats, g: AdaptivePool2dGeometry): void {
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
        const share = dy[out++] / ((hEnd - hStart) * (wEnd - wStart));
        for (let h = hStart; h < hEnd; h++) {
          const row = (plane * H + h) * W;
          for (let i = row + wStart; i < row + wEnd; i++) dx[i] += share;
        }
      }
    }
  }
}

/** Four running sums, because one would wait for its last addition each time. */
function planeMeans(y: Floats, x: Floats, planes: number, size: number): void {
  for (let plane = 0; plane < planes; plane++) {
    const end = (plane + 1) * size;
    let i = plane * size;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (; i + 3 < end; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < end; i++) a += x[i];
    y[plane] = (a + b + (c + d)) / size;
  }
}
