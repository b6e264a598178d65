import type { Floats } from '../../memory/memory.js';
import type { Pool2dGeometry } from '../geometry.js';

/** Windows are clipped to the image once, so the loop over their cells asks nothing. */
export function avgPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  const R = g.kernelHeight;
  const S = g.kernelWidth;
  const strideHeight = g.strideHeight;
  const strideWidth = g.strideWidth;
  const padTop = g.padTop;
  const padLeft = g.padLeft;
  const countIncludePad = g.countIncludePad;
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      const top = p * strideHeight - padTop;
      const hStart = Math.max(top, 0);
      const hEnd = Math.min(top + R, H);
      const height = countIncludePad ? (top + R > H + padTop ? H + padTop - top : R) : hEnd - hStart;
      for (let q = 0; q < Q; q++) {
        const left = q * strideWidth - padLeft;
        const wStart = Math.max(left, 0);
        const wEnd = Math.min(left + S, W);
        const width = countIncludePad ? (left + S > W + padLeft ? W + padLeft - left : S) : wEnd - wStart;
        // (1) one window: outside of the image lie zeros
        let sum = 0;
        for (let h = hStart; h < hEnd; h++) {
          const row = (plane * H + h) * W;
          for (let i = row + wStart; i < row + wEnd; i++) sum += x[i];
        }
        // (2) the average
        y[out++] = sum / (height * width);
      }
    }
  }
}

export function avgPool2dBackward(dx: Floats, dy: Floats, g: Pool2dGeometry): void {
  const planes = g.planes;
  const H = g.inHeight;
  const W = g.inWidth;
  const P = g.outHeight;
  const Q = g.outWidth;
  const R = g.kernelHeight;
  const S = g.kernelWidth;
  const strideHeight = g.strideHeight;
  const strideWidth = g.strideWidth;
  const padTop = g.padTop;
  const padLeft = g.padLeft;
  const countIncludePad = g.countIncludePad;
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let p = 0; p < P; p++) {
      const top = p * strideHeight - padTop;
      const hStart = Math.max(top, 0);
      const hEnd = Math.min(top + R, H);
      const height = countIncludePad ? (top + R > H + padTop ? H + padTop - top : R) : hEnd - hStart;
      for (let q = 0; q < Q; q++) {
        const left = q * strideWidth - padLeft;
        const wStart = Math.max(left, 0);
        const wEnd = Math.min(left + S, W);
        const width = countIncludePad ? (left + S > W + padLeft ? W + padLeft - left : S) : wEnd - wStart;
        const share = dy[out++] / (height * width);
        for (let h = hStart; h < hEnd; h++) {
          const row = (plane * H + h) * W;
          for (let i = row + wStart; i < row + wEnd; i++) dx[i] += share;
        }
      }
    }
  }
}
