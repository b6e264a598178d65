import { Unzlib } from 'fflate';

/** A piece can grow a thousandfold; this keeps what it becomes within 32 MiB. */
const PIECE = 32 * 1024;

/** No deflate stream packs more than this many bytes into one. */
export const LARGEST_RATIO = 1032;

/** What a zlib stream gave, and why it gave no more. */
export interface Inflated {
  /** `length` bytes; zeros after the first `found`. */
  data: Uint8Array;
  found: number;
  /** Why the stream broke; undefined when it ended, or when the file did. */
  reason?: string | undefined;
}

/**
 * The first `length` bytes of a zlib stream in pieces. Whatever follows them is not looked at. A small `piece` loses less where a stream breaks.
 * Nothing is allocated for a stream that is too short to hold them, unless `fill` asks for it.
 */
export function inflate(parts: readonly Uint8Array[], length: number, fill = false): Inflated {
  const packed = parts.reduce((sum, part) => sum + part.length, 0);
  if (!fill && packed * LARGEST_RATIO < length) return { data: new Uint8Array(0), found: 0 };
  const data = new Uint8Array(length);
  let found = 0;
  const stream = new Unzlib((chunk) => {
    data.set(chunk.subarray(0, length - found), found);
    found = Math.min(length, found + chunk.length);
  });
  const piece = fill ? 256 : PIECE;
  try {
    for (const part of parts) {
      for (let from = 0; from < part.length && found < length; from += piece) {
        stream.push(part.subarray(from, from + piece));
      }
    }
  } catch (error) {
    return { data, found, reason: (error as Error).message };
  }
  return { data, found };
}
