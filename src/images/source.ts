import { FormatError } from '../base/errors.js';

/** What a reader of one format gets besides the bytes. */
export interface ReadOptions {
  maxPixels: number;
  /** Whether missing pixels are left as they are, instead of an error. */
  fill: boolean;
}

/** An error about a file: 'decodeImage: PNG: ...'. */
export function damaged(format: string, reason: string): FormatError {
  return new FormatError(`decodeImage: ${format}: ${reason}`);
}

/** Throws `FormatError` unless the size that a header states is one that an image can have, and within `maxPixels`. */
export function checkSize(format: string, width: number, height: number, maxPixels: number): void {
  if (width < 1 || height < 1)
    throw damaged(format, `the header says ${width} x ${height} pixels. An image needs one at least.`);
  if (width * height > maxPixels) {
    const megapixels = ((width * height) / 1e6).toFixed(1);
    throw damaged(
      format,
      `the header says ${width} x ${height} pixels (${megapixels} million), more than maxPixels = ${maxPixels}. Raise it if you trust the file.`,
    );
  }
}

/** Above this many pixels, a file in which next to nothing is left is not filled. */
const FILLED_PIXELS = 4e6;

/** Throws `FormatError` for a large image of which less than a hundredth is there: filling it would only take memory and time. */
export function refuseHollow(format: string, found: number, needed: number, pixels: number): void {
  if (pixels <= FILLED_PIXELS || found * 100 >= needed) return;
  throw damaged(
    format,
    'the file is truncated or damaged: less than 1 % of its pixels are there, too little to fill in the rest.',
  );
}
