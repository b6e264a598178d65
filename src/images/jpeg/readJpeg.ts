import type { Raster } from '../raster.js';
import type { ReadOptions } from '../source.js';
import { decodeJpeg } from './decodeJpeg.js';

/**
 * Reads a JPEG file: baseline, extended or progressive; gray, YCbCr, RGB, CMYK or YCCK. Inks are inverted, as Adobe's programs write them and Pillow reads them.
 *
 * Source: ITU-T T.81 (JPEG), T.871 (JFIF), T.872 (Adobe's marker).
 */
export async function readJpeg(bytes: Uint8Array, options: ReadOptions): Promise<Raster> {
  const { header, channels, data, warnings } = await decodeJpeg(bytes, options);
  const { width, height } = header.frame;
  const common = { width, height, orientation: header.orientation, data, warnings };
  if (channels < 4) return { ...common, mode: channels === 1 ? 'L' : 'RGB' };
  for (let i = 0; i < data.length; i++) data[i] = 255 - data[i];
  return { ...common, mode: 'CMYK' };
}
