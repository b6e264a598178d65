import { damaged } from '../../source.js';
import type { Blocks, Plane } from './planes.js';

/** One color at the size of the image. */
export interface FullPlane {
  pixels: Uint8ClampedArray;
  stride: number;
}

/**
 * A color at the size of the image. Between half as many pixels, new ones lie a quarter of the way to the neighbor (libjpeg's "fancy" filter); other ratios repeat pixels.
 *
 * Throws `FormatError` where the ratio is no whole number.
 */
export function upsample(
  pixels: Uint8ClampedArray,
  plane: Plane,
  { maxH, maxV }: Blocks,
  width: number,
  height: number,
): FullPlane {
  const [scaleX, scaleY] = [maxH / plane.h, maxV / plane.v];
  const stride = plane.across * 8;
  if (scaleX === 1 && scaleY === 1) return { pixels, stride };
  if (!Number.isInteger(scaleX) || !Number.isInteger(scaleY)) {
    throw damaged(
      'JPEG',
      `a color has ${plane.h} x ${plane.v} blocks where others have ${maxH} x ${maxV}, which cannot be read.`,
    );
  }
  const from = { pixels, stride };
  const isWide = plane.width > 2;
  if (scaleX === 2 && scaleY === 1 && isWide) return doubleWidth(from, plane, height);
  if (scaleX === 2 && scaleY === 2 && isWide) return doubleBoth(from, plane, height);
  if (scaleX === 1 && scaleY === 2) return doubleHeight(from, plane, height);
  const y = new Uint8ClampedArray(width * height);
  for (let row = 0; row < height; row++) {
    const source = Math.floor(row / scaleY) * stride;
    for (let i = 0; i < width; i++) y[row * width + i] = pixels[source + Math.floor(i / scaleX)];
  }
  return { pixels: y, stride: width };
}

function doubleWidth({ pixels, stride }: FullPlane, plane: Plane, height: number): FullPlane {
  const n = plane.width;
  const y = new Uint8ClampedArray(2 * n * height);
  for (let row = 0; row < height; row++) {
    const from = row * stride;
    const to = row * 2 * n;
    for (let i = 0; i < n; i++) {
      const near = 3 * pixels[from + i];
      y[to + 2 * i] = i === 0 ? pixels[from] : (near + pixels[from + i - 1] + 1) >> 2;
      y[to + 2 * i + 1] = i === n - 1 ? pixels[from + i] : (near + pixels[from + i + 1] + 2) >> 2;
    }
  }
  return { pixels: y, stride: 2 * n };
}

/** The row of `row`'s neighbor that an upsampled row leans to; at the edges, the row itself. */
function neighbor(row: number, isLower: boolean, rows: number): number {
  return Math.min(rows - 1, Math.max(0, isLower ? row + 1 : row - 1));
}

function doubleHeight({ pixels, stride }: FullPlane, plane: Plane, height: number): FullPlane {
  const n = plane.width;
  const y = new Uint8ClampedArray(n * height);
  for (let row = 0; row < height; row++) {
    const isLower = row % 2 === 1;
    const near = (row >> 1) * stride;
    const far = neighbor(row >> 1, isLower, plane.height) * stride;
    for (let i = 0; i < n; i++) y[row * n + i] = (3 * pixels[near + i] + pixels[far + i] + (isLower ? 2 : 1)) >> 2;
  }
  return { pixels: y, stride: n };
}

function doubleBoth({ pixels, stride }: FullPlane, plane: Plane, height: number): FullPlane {
  const n = plane.width;
  const y = new Uint8ClampedArray(2 * n * height);
  const sums = new Int32Array(n);
  for (let row = 0; row < height; row++) {
    const near = (row >> 1) * stride;
    const far = neighbor(row >> 1, row % 2 === 1, plane.height) * stride;
    for (let i = 0; i < n; i++) sums[i] = 3 * pixels[near + i] + pixels[far + i];
    const to = row * 2 * n;
    for (let i = 0; i < n; i++) {
      const sum = sums[i];
      y[to + 2 * i] = i === 0 ? (4 * sum + 8) >> 4 : (3 * sum + sums[i - 1] + 8) >> 4;
      y[to + 2 * i + 1] = i === n - 1 ? (4 * sum + 7) >> 4 : (3 * sum + sums[i + 1] + 7) >> 4;
    }
  }
  return { pixels: y, stride: 2 * n };
}
