import { inflate, LARGEST_RATIO } from '../inflate.js';
import { damaged } from '../source.js';
import { unpackLzw } from './lzw.js';
import { unpackPackBits } from './packBits.js';
import type { Segment, Storage } from './storage.js';

/** One way of packing bytes. */
interface Packing {
  name: string;
  /** How many bytes one byte can become at most. */
  ratio: number;
  unpack(packed: Uint8Array, y: Uint8Array, fill: boolean): number;
}

const deflate: Packing = {
  name: 'Deflate',
  ratio: LARGEST_RATIO,
  unpack: (packed, y, fill) => {
    const { data, found } = inflate([packed], y.length, fill);
    y.set(data.subarray(0, found));
    return found;
  },
};

/** By the number in the tag. */
export const packings: Record<number, Packing> = {
  1: {
    name: 'none',
    ratio: 1,
    unpack: (packed, y) => {
      const part = packed.subarray(0, y.length);
      y.set(part);
      return part.length;
    },
  },
  5: { name: 'LZW', ratio: 4096, unpack: unpackLzw },
  8: deflate,
  32773: { name: 'PackBits', ratio: 64, unpack: unpackPackBits },
  32946: deflate,
};

const unknown: Record<number, string> = {
  6: 'JPEG of the old style',
  34676: 'SGI log',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
};

/** Throws `FormatError` for a compression that cannot be read. */
export function packingOf(compression: number): Packing {
  const packing = packings[compression];
  if (packing !== undefined) return packing;
  const name = unknown[compression] ?? 'an unknown method';
  throw damaged('TIFF', `its pixels are packed by ${name} (compression ${compression}), which cannot be read.`);
}

/** Bytes of a row of a segment. */
export function rowBytesOf({ width }: Segment, { samples, layout }: Storage): number {
  return Math.ceil((width * samples * layout.bits) / 8);
}

/** The file's bytes of a segment, the lowest bit last. */
export function packedBytes(file: Uint8Array, { offset, length }: Segment, isReversed: boolean): Uint8Array {
  const packed = file.subarray(offset, offset + length);
  return isReversed ? packed.map((byte) => REVERSED[byte]) : packed;
}

/** Each byte with its bits in reverse order. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
});
