import { checkSize, damaged } from '../source.js';

/** How the pixels of a BMP file are stored. */
export const Compression = { none: 0, rle8: 1, rle4: 2, bitFields: 3 } as const;

/** What a BMP file says before its pixels. */
export interface BmpHeader {
  width: number;
  height: number;
  /** Whether the first row is the top one; usually it is the bottom one. */
  isTopDown: boolean;
  /** Per pixel: 1, 4, 8, 16, 24 or 32. */
  bits: number;
  compression: number;
  /** Which bits are red, green, blue and alpha, for `Compression.bitFields`. */
  masks: readonly number[];
  /** Entries of the palette; 0 above 8 bits. */
  colors: number;
  /** Bytes of an entry. */
  entryBytes: 3 | 4;
  paletteAt: number;
  pixelsAt: number;
}

const SIZES = [40, 64, 108, 124];

/** Throws `FormatError` for headers that are damaged, of unknown kinds, or state too large an image. */
export function readHeader(bytes: Uint8Array, maxPixels: number): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 18) throw damaged('BMP', 'the file is truncated within its header.');
  const size = view.getUint32(14, true);
  if (size !== 12 && !SIZES.includes(size))
    throw damaged('BMP', `its header has ${size} bytes, which no known kind has.`);
  const end = 14 + size;
  if (end > bytes.length) throw damaged('BMP', 'the file is truncated within its header.');
  const header = size === 12 ? readOs2(view) : readWindows(view);
  checkSize('BMP', header.width, header.height, maxPixels);
  const { bits, compression } = header;
  if (![1, 4, 8, 16, 24, 32].includes(bits))
    throw damaged('BMP', `it has ${bits} bits per pixel, which no known kind has.`);
  if (compression > Compression.bitFields) {
    throw damaged('BMP', `its pixels are compressed by method ${compression}. Only 0 to 3 can be read.`);
  }
  const hasMasks = compression === Compression.bitFields;
  const masksAt = 54;
  const maskCount = size >= 56 ? 4 : 3;
  if (hasMasks && masksAt + 4 * maskCount > bytes.length)
    throw damaged('BMP', 'the file is truncated within its header.');
  const masks = hasMasks ? Array.from({ length: maskCount }, (_, i) => view.getUint32(masksAt + 4 * i, true)) : [];
  if (masks.length === 3) masks.push(0);
  const colors = header.colors || 2 ** bits;
  if (bits <= 8 && colors > 256) throw damaged('BMP', `it states ${colors} colors.`);
  const paletteAt = hasMasks && size === 40 ? end + 12 : end;
  return {
    ...header,
    masks,
    colors: bits <= 8 ? colors : 0,
    paletteAt,
    pixelsAt: pixelsAt(view, header, end, paletteAt, colors),
  };
}

type Basics = Pick<BmpHeader, 'width' | 'height' | 'isTopDown' | 'bits' | 'compression' | 'colors' | 'entryBytes'>;

/** Some files say that the pixels begin where the palette does: then they follow it. */
function pixelsAt(view: DataView, header: Basics, end: number, paletteAt: number, colors: number): number {
  const stated = view.getUint32(10, true);
  const paletteBytes = header.bits <= 8 ? header.entryBytes * colors : 0;
  if (stated === 0) return paletteAt + paletteBytes;
  return stated === end && header.bits <= 8 ? stated + 4 * colors : stated;
}

function readOs2(view: DataView): Basics {
  if (view.byteLength < 26) throw damaged('BMP', 'the file is truncated within its header.');
  const [width, height, bits] = [view.getUint16(18, true), view.getUint16(20, true), view.getUint16(24, true)];
  return { width, height, isTopDown: false, bits, compression: 0, colors: 0, entryBytes: 3 };
}

function readWindows(view: DataView): Basics {
  const isTopDown = view.getUint8(25) === 0xff;
  return {
    width: view.getUint32(18, true),
    height: isTopDown ? 2 ** 32 - view.getUint32(22, true) : view.getUint32(22, true),
    isTopDown,
    bits: view.getUint16(28, true),
    compression: view.getUint32(30, true),
    colors: view.getUint32(46, true),
    entryBytes: 4,
  };
}
