import { inflate, LARGEST_RATIO } from '../inflate.js';
import { damaged } from '../source.js';
import { unpackFax } from './fax.js';
import { unpackLzw } from './lzw.js';
import { unpackPackBits } from './packBits.js';
import type { Segment, Storage } from './storage.js';

/** One way of packing bytes. */
interface Packing {
  /** How many bytes one byte can become at most. */
  ratio: (segment: Segment) => number;
  /** Returns how many bytes came out. */
  unpack: (packed: Uint8Array, y: Uint8Array, segment: Segment, storage: Storage, fill: boolean) => number;
}

const deflate: Packing = {
  ratio: () => LARGEST_RATIO,
  unpack: (packed, y, _segment, _storage, fill) => {
    const { data, found } = inflate([packed], y.length, fill);
    y.set(data.subarray(0, found));
    return found;
  },
};

const fax: Packing = {
  // A white row takes one bit.
  ratio: ({ width }) => 8 * Math.ceil(width / 8),
  unpack: (packed, y, { width }, { compression, faxOptions }) => {
    return unpackFax(packed, y, width, { compression, isTwoDimensional: (faxOptions & 1) === 1 });
  },
};

/** By the number in the tag. */
const packings: Record<number, Packing> = {
  1: {
    ratio: () => 1,
    unpack: (packed, y) => {
      const part = packed.subarray(0, y.length);
      y.set(part);
      return part.length;
    },
  },
  2: fax,
  3: fax,
  4: fax,
  5: { ratio: () => 4096, unpack: unpackLzw },
  8: deflate,
  32773: { ratio: () => 64, unpack: unpackPackBits },
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
export function packingOf({ compression, layout }: Storage): Packing {
  const packing = packings[compression];
  if (packing === fax && (layout.bits !== 1 || layout.samples !== 1)) {
    throw damaged('TIFF', `its pixels are packed as for fax, but have ${layout.bits} bits.`);
  }
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
