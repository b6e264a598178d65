import type { FullPlane } from './upsample.js';

const HALF = 1 << 15;
/** A factor in units of 2^-16. */
const fix = (factor: number): number => Math.trunc(factor * 65536 + 0.5);
const CR_TO_R = fix(1.402);
const CB_TO_B = fix(1.772);
const CR_TO_G = fix(0.71414);
const CB_TO_G = fix(0.34414);

/** How the colors of a file are coded. */
export type ColorCoding = 'gray' | 'RGB' | 'YCbCr' | 'CMYK' | 'YCCK';

/**
 * The planes as pixels: gray, RGB, or the four inks of CMYK as the file has them, YCbCr and YCCK turned into those.
 *
 * Source: JFIF 1.02, in whole numbers of 2^-16.
 */
export function joinPlanes(
  planes: readonly FullPlane[],
  coding: ColorCoding,
  width: number,
  height: number,
): Uint8Array {
  const channels = planes.length;
  const y = new Uint8ClampedArray(width * height * channels);
  const isYcc = coding === 'YCbCr' || coding === 'YCCK';
  const isInk = coding === 'YCCK';
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let i = 0; i < width; i++, at += channels) {
      for (let c = 0; c < channels; c++) y[at + c] = planes[c].pixels[row * planes[c].stride + i];
      if (!isYcc) continue;
      const luma = y[at];
      const cb = y[at + 1] - 128;
      const cr = y[at + 2] - 128;
      const r = luma + ((CR_TO_R * cr + HALF) >> 16);
      const g = luma + ((HALF - CB_TO_G * cb - CR_TO_G * cr) >> 16);
      const b = luma + ((CB_TO_B * cb + HALF) >> 16);
      y[at] = isInk ? 255 - r : r;
      y[at + 1] = isInk ? 255 - g : g;
      y[at + 2] = isInk ? 255 - b : b;
    }
  }
  return new Uint8Array(y.buffer);
}

/** By Adobe's marker, or JFIF's, or the names of the components, as libjpeg decides. */
export function codingOf(ids: readonly number[], isJfif: boolean, adobeTransform: number | undefined): ColorCoding {
  if (ids.length === 1) return 'gray';
  if (ids.length === 4) return adobeTransform === 2 ? 'YCCK' : 'CMYK';
  if (isJfif) return 'YCbCr';
  if (adobeTransform !== undefined) return adobeTransform === 0 ? 'RGB' : 'YCbCr';
  return String.fromCharCode(...ids) === 'RGB' ? 'RGB' : 'YCbCr';
}
