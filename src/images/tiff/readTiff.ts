import type { Raster } from '../raster.js';
import { damaged, type ReadOptions } from '../source.js';
import { readDirectory, Tag } from './directory.js';
import { undoPredictor } from './predictor.js';
import { readStorage } from './storage.js';
import { packedBytes, packingOf, rowBytesOf } from './unpack.js';
import { finishValues, makeValues, placeValues } from './values.js';

/**
 * Reads the first image of a TIFF or BigTIFF file: strips or tiles, colors together or apart, gray of 1 to 32 bits, palettes, RGB, CMYK; plain or packed by PackBits,
 * LZW or Deflate.
 *
 * Source: TIFF 6.0; Adobe's technical notes 1 to 3 (predictor of floats).
 */
export function readTiff(bytes: Uint8Array, { maxPixels, fill }: ReadOptions): Raster {
  const directory = readDirectory(bytes);
  const storage = readStorage(directory, bytes.length, maxPixels);
  const packing = packingOf(storage.compression);
  if (storage.photometric === 6)
    throw damaged('TIFF', 'it holds YCbCr that is not packed by JPEG, which cannot be read.');
  const warnings = new Set<string>();
  const missing = (found: number, needed: number): void => {
    if (!fill)
      throw damaged(
        'TIFF',
        `the file is truncated or damaged: ${found} of ${needed} bytes of a strip or tile are there.`,
      );
    warnings.add('The file is truncated; missing pixels are zero.');
  };
  for (const segment of storage.segments) {
    const needed = rowBytesOf(segment, storage) * segment.height;
    if (segment.length * packing.ratio < needed) missing(segment.length, needed);
  }
  const values = makeValues(storage);
  for (const segment of storage.segments) {
    const rowBytes = rowBytesOf(segment, storage);
    const data = new Uint8Array(rowBytes * segment.height);
    const found = packing.unpack(packedBytes(bytes, segment, storage.isReversed), data, fill);
    if (found < data.length) missing(found, data.length);
    undoPredictor(data, rowBytes, storage);
    placeValues(data, rowBytes, segment, storage, values);
  }
  const raster = finishValues(values, storage);
  const palette = raster.mode === 'P' ? paletteOf(directory.numbers(Tag.colorMap)) : undefined;
  return { ...raster, palette, orientation: storage.orientation, warnings: [...warnings] };
}

/** All reds, all greens, all blues, of 16 bits, as bytes color by color. */
function paletteOf(map: readonly number[]): Uint8Array {
  const colors = Math.floor(map.length / 3);
  return Uint8Array.from({ length: 3 * colors }, (_, i) => map[(i % 3) * colors + Math.floor(i / 3)] >> 8);
}
