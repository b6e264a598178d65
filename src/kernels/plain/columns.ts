import type { Floats } from '../../memory/memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import { TILE } from './gemm.js';

/**
 * The rows of the image that its windows cover, padding included: what `padImages` copies. It may end before the image
 * does, when the stride leaves a rest, and it may begin inside the image: a negative padTop cuts.
 */
export function coveredHeight(g: Conv2dGeometry): number {
  return (g.outHeight - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
}

export function coveredWidth(g: Conv2dGeometry): number {
  return (g.outWidth - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
}

/** Whether windows lie within the image as it is, so that no padded copy is needed. */
export function fitsUnpadded(g: Conv2dGeometry): boolean {
  return g.padTop === 0 && g.padLeft === 0 && coveredHeight(g) <= g.inHeight && coveredWidth(g) <= g.inWidth;
}

/** Copies `planes` images [H, W] with zeros around them, so that the loops over windows need no test for the border. */
export function padImages(to: Floats, toAt: number, x: Floats, at: number, planes: number, g: Conv2dGeometry): void {
  const { inHeight, inWidth, padTop, padLeft } = g;
  const height = coveredHeight(g);
  const width = coveredWidth(g);
  const firstColumn = Math.max(0, padLeft);
  const lastColumn = Math.min(width, inWidth + padLeft);
  to.fill(0, toAt, toAt + planes * height * width);
  for (let plane = 0; plane < planes; plane++) {
    for (let p = Math.max(0, padTop); p < Math.min(height, inHeight + padTop); p++) {
      const row = toAt + (plane * height + p) * width;
      const source = at + (plane * inHeight + p - padTop) * inWidth - padLeft;
      for (let q = firstColumn; q < lastColumn; q++) to[row + q] = x[source + q];
    }
  }
}

/** The transpose of `padImages`: x += the part of the padded images that is not border. */
export function addUnpadded(
  x: Floats,
  at: number,
  from: Floats,
  fromAt: number,
  planes: number,
  g: Conv2dGeometry,
): void {
  const { inHeight, inWidth, padTop, padLeft } = g;
  const height = coveredHeight(g);
  const width = coveredWidth(g);
  const firstColumn = Math.max(0, padLeft);
  const lastColumn = Math.min(width, inWidth + padLeft);
  for (let plane = 0; plane < planes; plane++) {
    for (let p = Math.max(0, padTop); p < Math.min(height, inHeight + padTop); p++) {
      const row = fromAt + (plane * height + p) * width;
      const target = at + (plane * inHeight + p - padTop) * inWidth - padLeft;
      for (let q = firstColumn; q < lastColumn; q++) x[target + q] += from[row + q];
    }
  }
}

/**
 * The windows of output pixels `first` to `first + count` in panels of four pixels: to[panel, tap, pixel], a tap being a
 * channel, row and column of the filter. This is im2col, written in the order in which `addTile` reads it.
 *
 * `x` is an image whose rows are `width` and whose channels `plane` floats apart, without need of padding. The last panel
 * repeats its last pixel.
 */
export function gatherPixels(
  to: Floats,
  toAt: number,
  x: Floats,
  at: number,
  plane: number,
  width: number,
  channels: number,
  first: number,
  count: number,
  g: Conv2dGeometry,
): void {
  const { kernelHeight, kernelWidth, outWidth, strideHeight, strideWidth, dilationWidth } = g;
  const down = g.dilationHeight * width;
  let t = toAt;
  for (let pixel = first; pixel < first + count; pixel += TILE) {
    const last = first + count - 1;
    const f0 = at + windowAt(pixel, outWidth, strideHeight * width, strideWidth);
    const f1 = at + windowAt(Math.min(pixel + 1, last), outWidth, strideHeight * width, strideWidth);
    const f2 = at + windowAt(Math.min(pixel + 2, last), outWidth, strideHeight * width, strideWidth);
    const f3 = at + windowAt(Math.min(pixel + 3, last), outWidth, strideHeight * width, strideWidth);
    for (let i = 0; i < channels; i++) {
      for (let r = 0; r < kernelHeight; r++) {
        let tap = i * plane + r * down;
        for (let s = 0; s < kernelWidth; s++) {
          to[t] = x[f0 + tap];
          to[t + 1] = x[f1 + tap];
          to[t + 2] = x[f2 + tap];
          to[t + 3] = x[f3 + tap];
          t += 4;
          tap += dilationWidth;
        }
      }
    }
  }
}

/** What four neighboring taps, from `tap` on, see at every output pixel: to[pixel, tap]. A panel at the end repeats its last. */
export function gatherTaps(
  to: Floats,
  toAt: number,
  x: Floats,
  at: number,
  plane: number,
  width: number,
  tap: number,
  taps: number,
  g: Conv2dGeometry,
): void {
  const { kernelHeight, kernelWidth, outHeight, outWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } =
    g;
  const last = taps - 1;
  const down = dilationHeight * width;
  const f0 = at + tapAt(tap, kernelHeight, kernelWidth, plane, down, dilationWidth);
  const f1 = at + tapAt(Math.min(tap + 1, last), kernelHeight, kernelWidth, plane, down, dilationWidth);
  const f2 = at + tapAt(Math.min(tap + 2, last), kernelHeight, kernelWidth, plane, down, dilationWidth);
  const f3 = at + tapAt(Math.min(tap + 3, last), kernelHeight, kernelWidth, plane, down, dilationWidth);
  let t = toAt;
  for (let p = 0; p < outHeight; p++) {
    let pixel = p * strideHeight * width;
    for (let q = 0; q < outWidth; q++) {
      to[t] = x[f0 + pixel];
      to[t + 1] = x[f1 + pixel];
      to[t + 2] = x[f2 + pixel];
      to[t + 3] = x[f3 + pixel];
      t += 4;
      pixel += strideWidth;
    }
  }
}

/** Where tap number `tap` of a window lies, counted from the window's first pixel. */
export function tapAt(
  tap: number,
  kernelHeight: number,
  kernelWidth: number,
  plane: number,
  down: number,
  right: number,
): number {
  const area = kernelHeight * kernelWidth;
  const i = Math.floor(tap / area);
  const r = Math.floor((tap - i * area) / kernelWidth);
  const s = tap - i * area - r * kernelWidth;
  return i * plane + r * down + s * right;
}

/** Where the window of an output pixel begins. */
function windowAt(pixel: number, outWidth: number, down: number, right: number): number {
  const p = Math.floor(pixel / outWidth);
  return p * down + (pixel - p * outWidth) * right;
}
