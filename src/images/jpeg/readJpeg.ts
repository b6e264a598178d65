import type { Raster } from '../raster.js';
import { damaged, type ReadOptions } from '../source.js';
import { readHeader } from './header.js';
import { decodeByTurbo } from './turbo.js';

/** Reads a JPEG file. */
export async function readJpeg(bytes: Uint8Array, { maxPixels }: ReadOptions): Promise<Raster> {
  const { frame, orientation } = readHeader(bytes, maxPixels);
  const pixels = await decodeByTurbo(bytes);
  if (pixels === undefined) throw damaged('JPEG', 'the file is damaged or truncated.');
  return {
    mode: pixels.channels === 1 ? 'L' : 'RGB',
    width: frame.width,
    height: frame.height,
    data: pixels.data,
    orientation,
  };
}
