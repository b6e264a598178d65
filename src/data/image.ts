import { ShapeError } from '../base/errors.js';

/** One image as floats, channel by channel, row by row: pixel (c, h, w) is data[(c * height + h) * width + w]. */
export interface Image {
  /** The pixels, usually from 0 to 1. */
  data: Float32Array;
  /** How many color channels there are. */
  channels: number;
  /** Rows, in pixels. */
  height: number;
  /** Columns, in pixels. */
  width: number;
}

/** k / 255 for each byte: a look-up is as exact as the division and faster. */
const BYTE_TO_FLOAT = Float32Array.from({ length: 256 }, (_, k) => k / 255);

/**
 * Copies pixels into `to` as floats: bytes 0 to 255 become 0 to 1, floats stay as they are.
 *
 * Throws `ShapeError` when `pixels` and `to` differ in length.
 */
export function toFloat(
  pixels: Uint8Array | Float32Array,
  to: Float32Array = new Float32Array(pixels.length),
): Float32Array {
  if (pixels.length !== to.length) {
    throw new ShapeError(`toFloat: ${pixels.length} pixel values do not fill an image of ${to.length}.`);
  }
  if (pixels instanceof Float32Array) {
    to.set(pixels);
    return to;
  }
  const table = BYTE_TO_FLOAT;
  for (let i = 0; i < pixels.length; i++) to[i] = table[pixels[i]];
  return to;
}
