import { readJpeg } from '../jpeg/readJpeg.js';
import type { Raster } from '../raster.js';
import { damaged, type ReadOptions, refuseHollow } from '../source.js';
import { type Directory, readDirectory, Tag } from './directory.js';
import { decodeJpegSegment } from './jpegSegment.js';
import { undoPredictor } from './predictor.js';
import { readStorage, type Segment, type Storage } from './storage.js';
import { packedBytes, packingOf, rowBytesOf } from './unpack.js';
import { finishValues, makeValues, placeValues } from './values.js';
import { yccSize, yccToRgb } from './ycc.js';

const OLD_JPEG = 6;
const JPEG = 7;
const YCBCR = 6;

/** Unpacks a segment into its bytes, so many a row. */
type Unpack = (
  segment: Segment,
) => { data: Uint8Array; rowBytes: number } | Promise<{ data: Uint8Array; rowBytes: number }>;

/**
 * Reads the first image of a TIFF or BigTIFF file: strips or tiles, colors together or apart, gray of 1 to 32 bits, palettes, RGB, CMYK; plain or packed by PackBits,
 * LZW, Deflate, JPEG or as for fax.
 *
 * Source: TIFF 6.0; Adobe's technical notes (Deflate, JPEG, predictor of floats).
 */
export async function readTiff(bytes: Uint8Array, options: ReadOptions): Promise<Raster> {
  const directory = readDirectory(bytes);
  const storage = readStorage(directory, bytes.length, options.maxPixels);
  const stream = storage.compression === OLD_JPEG ? directory.numbers(Tag.jpegStream)[0] : undefined;
  if (stream !== undefined) {
    const length = directory.numbers(Tag.jpegStreamLength)[0] ?? bytes.length;
    const raster = await readJpeg(bytes.subarray(stream, stream + length), options);
    return { ...raster, orientation: storage.orientation };
  }
  const warnings = new Set<string>();
  const unpack =
    storage.compression === JPEG
      ? byJpeg(bytes, directory, storage, options, warnings)
      : byBytes(bytes, directory, storage, options, warnings);
  refuseHollow('TIFF', 4096 * bytes.length, storage.width * storage.height, storage.width * storage.height);
  const values = makeValues(storage);
  for (const segment of storage.segments) {
    const { data, rowBytes } = await unpack(segment);
    placeValues(data, rowBytes, segment, storage, values);
  }
  const raster = finishValues(values, storage);
  const palette = raster.mode === 'P' ? paletteOf(directory.numbers(Tag.colorMap)) : undefined;
  return { ...raster, palette, orientation: storage.orientation, warnings: [...warnings] };
}

function byBytes(
  bytes: Uint8Array,
  directory: Directory,
  storage: Storage,
  { fill }: ReadOptions,
  warnings: Set<string>,
): Unpack {
  const packing = packingOf(storage);
  const isYcc = storage.photometric === YCBCR;
  const [across = 2, down = 2] = directory.numbers(Tag.chromaSubsampling);
  if (
    isYcc &&
    (storage.compression === 1 || storage.samples !== 3 || ![1, 2, 4].includes(across) || ![1, 2, 4].includes(down))
  ) {
    throw damaged(
      'TIFF',
      `it holds YCbCr that is not packed, or has colors apart, or in blocks of ${across} x ${down} pixels, which cannot be read.`,
    );
  }
  const sizeOf = (segment: Segment): { rowBytes: number; rows: number } =>
    isYcc ? yccSize(segment, { across, down }) : { rowBytes: rowBytesOf(segment, storage), rows: segment.height };
  const missing = (found: number, needed: number): void => {
    if (!fill)
      throw damaged(
        'TIFF',
        `the file is truncated or damaged: ${found} of ${needed} bytes of a strip or tile are there.`,
      );
    warnings.add('The file is truncated; missing pixels are zero.');
  };
  // A file that is too short needs no memory to be refused.
  for (const segment of storage.segments) {
    const { rowBytes, rows } = sizeOf(segment);
    const needed = rowBytes * rows;
    if (segment.length * packing.ratio(segment) < needed) missing(segment.length, needed);
  }
  return (segment) => {
    const { rowBytes, rows } = sizeOf(segment);
    const data = new Uint8Array(rowBytes * rows);
    const found = packing.unpack(packedBytes(bytes, segment, storage.isReversed), data, segment, storage, fill);
    if (found < data.length) missing(found, data.length);
    undoPredictor(data, rowBytes, storage);
    if (isYcc) return { data: yccToRgb(data, segment, { across, down }), rowBytes: 3 * segment.width };
    return { data, rowBytes };
  };
}

function byJpeg(
  bytes: Uint8Array,
  directory: Directory,
  storage: Storage,
  options: ReadOptions,
  warnings: Set<string>,
): Unpack {
  const tables = directory.bytes(Tag.jpegTables);
  const { width, height, samples, layout, photometric } = storage;
  if (layout.bits !== 8) throw damaged('TIFF', `it holds JPEG streams of ${layout.bits} bits. Only 8 can be read.`);
  for (const { length } of storage.segments) {
    if (length < 4 && !options.fill) throw damaged('TIFF', 'the file is truncated: a strip or tile is missing.');
  }
  return async (segment) => {
    const packed = packedBytes(bytes, segment, false);
    const decoded = await decodeJpegSegment(packed, tables, photometric === YCBCR, options);
    const columns = Math.min(segment.width, width - segment.x);
    const rows = Math.min(segment.height, height - segment.y);
    if (decoded.channels !== samples || decoded.width < columns || decoded.height < rows) {
      throw damaged(
        'TIFF',
        `a JPEG stream holds ${decoded.width} x ${decoded.height} x ${decoded.channels} values in place of ${columns} x ${rows} x ${samples}.`,
      );
    }
    for (const warning of decoded.warnings) warnings.add(warning);
    return { data: decoded.data, rowBytes: decoded.width * decoded.channels };
  };
}

/** All reds, all greens, all blues, of 16 bits, as bytes color by color. */
function paletteOf(map: readonly number[]): Uint8Array {
  const colors = Math.floor(map.length / 3);
  return Uint8Array.from({ length: 3 * colors }, (_, i) => map[(i % 3) * colors + Math.floor(i / 3)] >> 8);
}
