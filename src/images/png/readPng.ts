import { inflate } from '../inflate.js';
import type { Raster } from '../raster.js';
import { damaged, type ReadOptions, refuseHollow } from '../source.js';
import { type Chunk, readChunks } from './chunks.js';
import { type PngHeader, readHeader } from './header.js';
import { pngOrientation } from './orientation.js';
import { passesOf } from './passes.js';
import { toRaster } from './toRaster.js';
import { unfilter } from './unfilter.js';
import { unpack } from './unpack.js';

/** Larger images get no room before it is clear that the file may hold them. */
const FILLED_AT_ONCE = 4e6;

/** Chunks of image data, the first frame of an animation included. */
interface Parts {
  header: PngHeader;
  before: Chunk[];
  packed: Uint8Array[];
  after: Chunk[];
}

/**
 * Reads a PNG file: every color type, depth and interlacing. Checksums count up to the image data, as in Pillow: what follows is protected by the
 * checks of the packed data alone.
 *
 * Source: PNG (third edition).
 */
export function readPng(bytes: Uint8Array, { maxPixels, fill }: ReadOptions): Raster {
  const { header, before, packed, after } = collect(bytes, maxPixels, fill);
  if (packed.length === 0) throw damaged('PNG', 'the file holds no image data (chunk IDAT).');
  const passes = passesOf(header);
  const length = passes.reduce((sum, { height, rowBytes }) => sum + height * (rowBytes + 1), 0);
  const pixels = header.width * header.height;
  const { data, found, reason } = inflate(packed, length, fill && pixels <= FILLED_AT_ONCE);
  refuseHollow('PNG', found, length, pixels);
  if (found < length && (!fill || data.length === 0)) {
    if (reason !== undefined) throw damaged('PNG', `the image data are damaged (${reason}).`);
    throw damaged(
      'PNG',
      `the file is truncated: the image data end early. Pass truncated: 'fill' to decode as much as there is.`,
    );
  }
  const raster = toRaster(values(data, passes, header), header, before);
  const warnings = found < length ? ['The file is truncated; missing pixels are zero.'] : [];
  return { ...raster, orientation: pngOrientation([...before, ...after]), warnings };
}

function collect(bytes: Uint8Array, maxPixels: number, fill: boolean): Parts {
  let header: PngHeader | undefined;
  const before: Chunk[] = [];
  const packed: Uint8Array[] = [];
  const after: Chunk[] = [];
  for (const chunk of tolerating(readChunks(bytes), () => packed.length > 0)) {
    if (chunk.type === 'IDAT') {
      if (after.length === 0) packed.push(chunk.data);
    } else if (packed.length > 0) {
      after.push(chunk);
    } else {
      if (!chunk.isSound && !fill) {
        throw damaged(
          'PNG',
          chunk.isWhole ? `the checksum of chunk ${chunk.type} is wrong.` : `the file ends within chunk ${chunk.type}.`,
        );
      }
      if (chunk.type === 'IHDR') header = readHeader(chunk.data, maxPixels);
      before.push(chunk);
    }
  }
  if (header === undefined) throw damaged('PNG', 'the file has no header (chunk IHDR).');
  return { header, before, packed, after };
}

/** What goes wrong after the image data does no harm. */
function* tolerating(chunks: Generator<Chunk>, isAfter: () => boolean): Generator<Chunk> {
  try {
    yield* chunks;
  } catch (error) {
    if (!isAfter()) throw error;
  }
}

/** All values of the image in order. */
function values(data: Uint8Array, passes: ReturnType<typeof passesOf>, header: PngHeader): Uint8Array | Uint16Array {
  const { width, height, samples, depth } = header;
  const count = width * height * samples;
  const pixelBytes = Math.max(1, (samples * depth) / 8);
  const isPlain = depth === 8 && passes.length === 1 && !header.isInterlaced;
  const all = isPlain ? data.subarray(0, count) : depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  let from = 0;
  for (const pass of passes) {
    unfilter(data, from, pass.height, pass.rowBytes, pixelBytes);
    if (!isPlain) unpack(data, from, pass, header, all);
    from += pass.height * (pass.rowBytes + 1);
  }
  return all;
}
