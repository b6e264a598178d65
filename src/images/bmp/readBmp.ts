import type { Raster } from '../raster.js';
import { damaged, type ReadOptions, refuseHollow } from '../source.js';
import { layoutOf, unpackRow } from './bitFields.js';
import { type BmpHeader, Compression, readHeader } from './header.js';
import { unpackRuns } from './runs.js';

/**
 * Reads a BMP file: 1, 4 and 8 bits with a palette, packed by run lengths or not, and 16, 24 and 32 bits with the masks that programs write. The kinds that Pillow
 * knows, no others.
 *
 * Source: Microsoft's BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER.
 */
export function readBmp(bytes: Uint8Array, { maxPixels, fill }: ReadOptions): Raster {
  const header = readHeader(bytes, maxPixels);
  const { width, height, bits, compression } = header;
  const isPacked = compression === Compression.rle8 || compression === Compression.rle4;
  if (compression === Compression.bitFields && bits <= 8)
    throw damaged('BMP', `it has masks with ${bits} bits per pixel.`);
  if (isPacked && bits > 8) throw damaged('BMP', `it has run lengths with ${bits} bits per pixel.`);
  const raster = isPacked ? readRuns(bytes, header, fill) : readRows(bytes, header, fill);
  return { ...raster, width, height };
}

type Pixels = Omit<Raster, 'width' | 'height'>;

function paletteOf(bytes: Uint8Array, { colors, entryBytes, paletteAt }: BmpHeader): Uint8Array {
  const palette = new Uint8Array(3 * Math.min(256, colors));
  for (let i = 0; i < palette.length / 3; i++) {
    for (let c = 0; c < 3; c++) palette[3 * i + c] = bytes[paletteAt + i * entryBytes + 2 - c] ?? 0;
  }
  return palette;
}

const WARNING = ['The file is truncated; missing pixels are zero.'];

function shortage(): Error {
  return damaged(
    'BMP',
    "the file is truncated: its pixels end early. Pass truncated: 'fill' to decode as much as there is.",
  );
}

function readRuns(bytes: Uint8Array, header: BmpHeader, fill: boolean): Pixels {
  const { width, height, isTopDown, pixelsAt, compression } = header;
  // A run of two bytes describes 255 pixels at most, or moves on by 255 rows and columns.
  const most = ((bytes.length - pixelsAt) / 2) * (255 + 255 * width);
  if (!fill && most < width * height) throw shortage();
  refuseHollow('BMP', most, width * height, width * height);
  const rows = new Uint8Array(width * height);
  const found = unpackRuns(bytes, pixelsAt, compression === Compression.rle4, width, rows);
  if (found < rows.length && !fill) throw shortage();
  const data = isTopDown ? rows : upsideDown(rows, width);
  return { mode: 'P', data, palette: paletteOf(bytes, header), warnings: found < rows.length ? WARNING : [] };
}

function upsideDown(rows: Uint8Array, rowBytes: number): Uint8Array {
  const y = new Uint8Array(rows.length);
  for (let from = 0, to = rows.length - rowBytes; to >= 0; from += rowBytes, to -= rowBytes) {
    y.set(rows.subarray(from, from + rowBytes), to);
  }
  return y;
}

function readRows(bytes: Uint8Array, header: BmpHeader, fill: boolean): Pixels {
  const { width, height, isTopDown, bits, masks, pixelsAt } = header;
  // Rows begin at multiples of four bytes; the padding of the last may be missing.
  const stride = Math.floor((width * bits + 31) / 32) * 4;
  const rowBytes = Math.ceil((width * bits) / 8);
  const isShort = pixelsAt + stride * (height - 1) + rowBytes > bytes.length;
  if (isShort && !fill) throw shortage();
  refuseHollow('BMP', bytes.length, stride * height, width * height);
  const layout = bits > 8 ? layoutOf(bits, masks) : undefined;
  const values = width * (layout?.places.length ?? 1);
  const data = new Uint8Array(height * values);
  for (let row = 0; row < height; row++) {
    const from = pixelsAt + row * stride;
    if (from + rowBytes > bytes.length) break;
    const to = (isTopDown ? row : height - 1 - row) * values;
    if (layout !== undefined) unpackRow(bytes, from, layout, width, data, to);
    else unpackIndices(bytes, from, bits, width, data, to);
  }
  const warnings = isShort ? WARNING : [];
  if (layout !== undefined) return { mode: layout.mode, data, warnings };
  return { mode: 'P', data, palette: paletteOf(bytes, header), warnings };
}

function unpackIndices(bytes: Uint8Array, from: number, bits: number, width: number, y: Uint8Array, to: number): void {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  for (let i = 0; i < width; i++) {
    const place = 8 - bits * ((i % perByte) + 1);
    y[to + i] = (bytes[from + Math.floor(i / perByte)] >> place) & mask;
  }
}
