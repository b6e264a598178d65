import { FormatError } from '../base/errors.js';

/**
 * Bytes that are fetched piece by piece, from memory or from a file that need not fit into it. The end of a piece lies within `length`;
 * a piece may be a view, so it is not to be changed.
 */
export interface ByteSource {
  /** How many bytes there are. */
  readonly length: number;
  /** The bytes from `begin` up to, but without, `end`. */
  read(begin: number, end: number): Uint8Array;
}

/** Bytes in memory as a source: pieces are views. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (begin, end) => bytes.subarray(begin, end) };
}

/** `length` bytes from `at`. Throws `FormatError` in the name of `who` where the source ends before. */
export function readAt(source: ByteSource, at: number, length: number, who: string): Uint8Array {
  if (!(at >= 0 && length >= 0 && at + length <= source.length)) {
    throw new FormatError(
      `${who}: needs ${length} bytes at ${at}, but the file ends at ${source.length}. It is truncated or damaged.`,
    );
  }
  return source.read(at, at + length);
}
