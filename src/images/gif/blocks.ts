import { damaged } from '../source.js';

/** The first image of a GIF file. */
export interface GifFrame {
  /** Of the whole picture, which the image may cover in part. */
  width: number;
  height: number;
  left: number;
  top: number;
  frameWidth: number;
  frameHeight: number;
  isInterlaced: boolean;
  palette: Uint8Array | undefined;
  transparent: number | undefined;
  /** The index of the picture where no image covers it. */
  codeBits: number;
  /** The codes, out of their blocks. */
  codes: Uint8Array;
}

/** Reads a GIF file up to the end of its first image. Throws `FormatError` when there is none. */
export function readBlocks(bytes: Uint8Array): GifFrame {
  const u16 = (at: number): number => bytes[at] | (bytes[at + 1] << 8);
  if (bytes.length < 13) throw damaged('GIF', 'the file is truncated within its header.');
  const tableBytes = (flags: number): number => ((flags & 0x80) !== 0 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + tableBytes(bytes[10]);
  const shared = at > 13 ? bytes.subarray(13, at) : undefined;
  let transparent: number | undefined;
  for (; at < bytes.length; ) {
    const kind = bytes[at++];
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      const label = bytes[at++];
      if (label === 0xf9 && bytes[at] >= 4 && (bytes[at + 1] & 1) !== 0) transparent = bytes[at + 4];
      at = endOfBlocks(bytes, at);
    } else if (kind === 0x2c) {
      if (at + 10 > bytes.length) break;
      const [left, top, frameWidth, frameHeight] = [u16(at), u16(at + 2), u16(at + 4), u16(at + 6)];
      const flags = bytes[at + 8];
      const codesAt = at + 9 + tableBytes(flags);
      const own = codesAt > at + 9 ? bytes.subarray(at + 9, codesAt) : undefined;
      if (codesAt >= bytes.length) break;
      return {
        width: Math.max(u16(6), left + frameWidth),
        height: Math.max(u16(8), top + frameHeight),
        left,
        top,
        frameWidth,
        frameHeight,
        isInterlaced: (flags & 0x40) !== 0,
        palette: own ?? shared,
        transparent,
        codeBits: bytes[codesAt],
        codes: joinBlocks(bytes, codesAt + 1),
      };
    }
  }
  throw damaged('GIF', 'the file holds no image.');
}

function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at];
  return at + 1;
}

function joinBlocks(bytes: Uint8Array, from: number): Uint8Array {
  const end = Math.min(bytes.length, endOfBlocks(bytes, from));
  const codes = new Uint8Array(end - from);
  let length = 0;
  for (let at = from; at < bytes.length && bytes[at] !== 0; at += 1 + bytes[at]) {
    const block = bytes.subarray(at + 1, at + 1 + bytes[at]);
    codes.set(block, length);
    length += block.length;
  }
  return codes.subarray(0, length);
}
