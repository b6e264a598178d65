import type { Raster } from '../raster.js';
import type { ReadOptions } from '../source.js';
import { readHeader } from './header.js';
import { decodeOwn } from './own/decodeOwn.js';
import { decodeByTurbo } from './turbo.js';

/**
 * Reads a JPEG file: baseline, extended or progressive; gray, YCbCr, RGB, CMYK or YCCK. Inks are inverted, as Adobe's programs write them and Pillow reads them.
 *
 * Source: ITU-T T.81 (JPEG), T.871 (JFIF), T.872 (Adobe's marker).
 */
export async function readJpeg(bytes: Uint8Array, { maxPixels, fill }: ReadOptions): Promise<Raster> {
  const header = readHeader(bytes, maxPixels);
  const { width, height, components } = header.frame;
  const { orientation } = header;
  const size = { width, height, orientation };
  const pixels = components.length === 4 ? undefined : await decodeByTurbo(bytes);
  if (pixels !== undefined && pixels.channels === components.length) {
    return { ...size, mode: pixels.channels === 1 ? 'L' : 'RGB', data: pixels.data };
  }
  const { channels, data, warnings } = decodeOwn(bytes, header, fill);
  if (channels < 4) return { ...size, mode: channels === 1 ? 'L' : 'RGB', data, warnings };
  for (let i = 0; i < data.length; i++) data[i] = 255 - data[i];
  return { ...size, mode: 'CMYK', data, warnings };
}
