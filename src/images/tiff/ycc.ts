import type { Segment } from './storage.js';

/** Blocks of pixels that share their Cb and Cr, across and down. */
export interface Subsampling {
  across: number;
  down: number;
}

/** Bytes of a row of blocks, and how many rows of them a segment has. */
export function yccSize({ width, height }: Segment, { across, down }: Subsampling): { rowBytes: number; rows: number } {
  return { rowBytes: Math.ceil(width / across) * (across * down + 2), rows: Math.ceil(height / down) };
}

const HALF = 1 << 15;
const clamp = (value: number): number => Math.min(255, Math.max(0, value));

/**
 * Blocks of luma with one Cb and one Cr as RGB; the two count for the whole block.
 *
 * Numerics: factors in units of 2^-16, as libtiff's, which scales Cb and Cr by 127 / 127.
 *
 * Source: TIFF 6.0, section 21.
 */
export function yccToRgb(data: Uint8Array, segment: Segment, subsampling: Subsampling): Uint8Array {
  const { width, height } = segment;
  const { across, down } = subsampling;
  const { rowBytes } = yccSize(segment, subsampling);
  const y = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = Math.floor(row / down) * rowBytes;
    for (let column = 0; column < width; column++) {
      const block = start + Math.floor(column / across) * (across * down + 2);
      const luma = data[block + (row % down) * across + (column % across)];
      const cb = data[block + across * down] - 128;
      const cr = data[block + across * down + 1] - 128;
      const at = (row * width + column) * 3;
      y[at] = clamp(luma + ((91881 * cr + HALF) >> 16));
      y[at + 1] = clamp(luma + ((HALF - 22553 * cb - 46802 * cr) >> 16));
      y[at + 2] = clamp(luma + ((116130 * cb + HALF) >> 16));
    }
  }
  return y;
}
