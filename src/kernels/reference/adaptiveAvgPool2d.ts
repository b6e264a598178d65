import type { Floats } from '../../memory/memory.js';
import type { AdaptivePool2dGeometry } from '../contracts/pooling.js';

/**
 * The definition of adaptive average pooling: cut each plane into P x Q windows of nearly equal size (neighbors overlap
 * where P does not divide H) and average each.
 */
export function adaptiveAvgPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        let sum = 0;
        let count = 0;
        for (let h = start(p, g.inHeight, g.outHeight); h < end(p, g.inHeight, g.outHeight); h++) {
          for (let w = start(q, g.inWidth, g.outWidth); w < end(q, g.inWidth, g.outWidth); w++) {
            sum += x[(plane * g.inHeight + h) * g.inWidth + w];
            count++;
          }
        }
        y[(plane * g.outHeight + p) * g.outWidth + q] = sum / count;
      }
    }
  }
}

export function adaptiveAvgPool2dBackward(dx: Floats, dy: Floats, g: AdaptivePool2dGeometry): void {
  for (let plane = 0; plane < g.planes; plane++) {
    for (let p = 0; p < g.outHeight; p++) {
      for (let q = 0; q < g.outWidth; q++) {
        const height = end(p, g.inHeight, g.outHeight) - start(p, g.inHeight, g.outHeight);
        const width = end(q, g.inWidth, g.outWidth) - start(q, g.inWidth, g.outWidth);
        const share = dy[(plane * g.outHeight + p) * g.outWidth + q] / (height * width);
        for (let h = start(p, g.inHeight, g.outHeight); h < end(p, g.inHeight, g.outHeight); h++) {
          for (let w = start(q, g.inWidth, g.outWidth); w < end(q, g.inWidth, g.outWidth); w++) {
            dx[(plane * g.inHeight + h) * g.inWidth + w] += share;
          }
        }
      }
    }
  }
}

/** The first input of window p, where n inputs are cut into m windows. */
function start(p: number, n: number, m: number): number {
  return Math.floor((p * n) / m);
}

/** One past the last input of window p. */
function end(p: number, n: number, m: number): number {
  return Math.ceil(((p + 1) * n) / m);
}
