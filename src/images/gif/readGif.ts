import type { Raster } from '../raster.js';
import { checkSize, damaged, type ReadOptions, refuseHollow } from '../source.js';
import { readBlocks } from './blocks.js';
import { unpackLzw } from './lzw.js';

/** Where the rows of an interlaced image begin, and their distance. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
];

/**
 * Reads the first image of a GIF file. What it leaves uncovered has the transparent index, or 0.
 *
 * Source: GIF89a.
 */
export function readGif(bytes: Uint8Array, { maxPixels, fill }: ReadOptions): Raster {
  const frame = readBlocks(bytes);
  const { width, height, frameWidth, frameHeight, transparent, codeBits, codes } = frame;
  checkSize('GIF', width, height, maxPixels);
  if (frameWidth < 1 || frameHeight < 1) throw damaged('GIF', `its image has ${frameWidth} x ${frameHeight} pixels.`);
  if (codeBits > 12) throw damaged('GIF', `its codes begin with ${codeBits} bits. There are 12 at most.`);
  // The longest run of codes without end: each one is a pixel longer than the one before, up to the size of the table.
  if (!fill && codes.length * 8 * 4096 < frameWidth * frameHeight) throw shortage();
  const rows = new Uint8Array(frameWidth * frameHeight);
  const found = unpackLzw(codes, codeBits, rows);
  if (found < rows.length && !fill) throw shortage();
  refuseHollow('GIF', found, width * height, width * height);
  const data = new Uint8Array(width * height);
  if (transparent !== undefined) data.fill(transparent);
  let from = 0;
  for (const row of rowOrder(frameHeight, frame.isInterlaced)) {
    data.set(rows.subarray(from, from + frameWidth), (frame.top + row) * width + frame.left);
    from += frameWidth;
  }
  const paletteAlpha = transparent === undefined ? undefined : new Uint8Array(256).fill(255);
  if (transparent !== undefined) paletteAlpha?.fill(0, transparent, transparent + 1);
  const warnings = found < rows.length ? ['The file is truncated; missing pixels have index 0.'] : [];
  // Without a table of colors, indices are grays.
  const palette = frame.palette ?? Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  return { mode: 'P', width, height, data, palette, paletteAlpha, warnings };
}

function shortage(): Error {
  return damaged(
    'GIF',
    "the file is truncated or damaged: its pixels end early. Pass truncated: 'fill' to decode as much as there is.",
  );
}

function rowOrder(height: number, isInterlaced: boolean): number[] {
  const passes = isInterlaced ? PASSES : [[0, 1]];
  return passes.flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, i) => first + i * step),
  );
}
