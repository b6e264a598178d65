import type { ReadOptions } from '../source.js';
import { type JpegHeader, readHeader } from './header.js';
import { decodeOwn } from './own/decodeOwn.js';
import { decodeSimd } from './simd/decodeSimd.js';
import { decodeByTurbo } from './turbo.js';

/** The pixels of a JPEG stream. */
export interface JpegPixels {
  header: JpegHeader;
  /** 1 gray, 3 RGB, 4 inks as the file has them. */
  channels: number;
  data: Uint8Array;
  warnings: string[];
}

/** Decodes usual files by SIMD, others by libjpeg-turbo, and what that does not take by the decoder in TypeScript. All three give the same bits. */
export async function decodeJpeg(bytes: Uint8Array, { maxPixels, fill }: ReadOptions): Promise<JpegPixels> {
  const header = readHeader(bytes, maxPixels);
  const channels = header.frame.components.length;
  const rgb = decodeSimd(bytes, header);
  if (rgb !== undefined) return { header, channels, data: rgb, warnings: [] };
  const pixels = channels === 4 ? undefined : await decodeByTurbo(bytes);
  if (pixels?.channels === channels) return { header, channels, data: pixels.data, warnings: [] };
  return { header, ...decodeOwn(bytes, header, fill) };
}
