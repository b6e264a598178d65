import { FormatError } from '../base/errors.js';

const BLOCK = 512;

/**
 * The regular files in a tar archive, by their path. Contents are views of `bytes`. Links, devices and folders are passed over.
 *
 * Throws `FormatError` for an archive that is truncated or whose headers have wrong checksums.
 *
 * Source: POSIX.1-1988 (ustar), the header layout.
 */
export function readTar(bytes: Uint8Array, name = 'tar archive'): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    checkHeader(header, at, name);
    const size = octal(header, 124, 12);
    const start = at + BLOCK;
    if (!(size <= bytes.length - start)) {
      throw new FormatError(
        `${name} is truncated: a file of ${size} bytes begins at ${start}, but it ends at ${bytes.length}.`,
      );
    }
    const type = header[156];
    if (type === 0 || type === 0x30) {
      const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
      const path = text(header, 0, 100);
      files.set(prefix === '' ? path : `${prefix}/${path}`, bytes.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new FormatError(`${name} is truncated: it does not end with a block of zeros.`);
}

/** The sum of all bytes of the header, with its own eight as spaces. */
function checkHeader(header: Uint8Array, at: number, name: string): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i];
  if (sum !== octal(header, 148, 8))
    throw new FormatError(`${name} is damaged: the header at byte ${at} has a wrong checksum.`);
}

function octal(header: Uint8Array, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder('latin1').decode(end < 0 ? field : field.subarray(0, end));
}
