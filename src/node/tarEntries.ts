import { FormatError } from '../base/errors.js';
import type { ByteSource } from '../io/byteSource.js';

const BLOCK = 512;
/** Names and extended headers longer than this are no names. */
const LONGEST_HEADER = 2 ** 20;

/** A regular file in a tar archive. */
export interface TarEntry {
  path: string;
  /** Its bytes in the archive. */
  begin: number;
  end: number;
}

/**
 * The regular files in a tar archive in their order. Only headers are read, so an archive may be larger than memory. Links, devices and folders
 * are passed over.
 *
 * Throws `FormatError` for an archive that is truncated or whose headers have wrong checksums.
 *
 * Source: POSIX.1-2001 (ustar and pax headers), and GNU tar's long names and sizes above 8 GiB.
 */
export function* tarEntries(source: ByteSource, name: string): Generator<TarEntry, void, undefined> {
  let extended: Extended = {};
  for (let at = 0; at + BLOCK <= source.length; ) {
    const header = source.read(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkHeader(header, at, name);
    const type = String.fromCharCode(header[156]);
    const isExtension = 'xgLK'.includes(type);
    const size = isExtension ? sizeOf(header) : (extended.size ?? sizeOf(header));
    const begin = at + BLOCK;
    if (!(size >= 0 && size <= source.length - begin)) {
      throw new FormatError(
        `${name} is truncated: a file of ${size} bytes begins at ${begin}, but it ends at ${source.length}.`,
      );
    }
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
    if (isExtension) {
      if (size > LONGEST_HEADER)
        throw new FormatError(`${name} is damaged: a header at byte ${begin} has ${size} bytes.`);
      const content = source.read(begin, begin + size);
      if (type === 'x') extended = { ...extended, ...paxFields(content, begin, name) };
      if (type === 'L') extended = { ...extended, path: text(content, 0, content.length, 'utf-8') };
      continue;
    }
    if (type === '\0' || type === '0') {
      yield { path: extended.path ?? pathOf(header), begin, end: begin + size };
    }
    extended = {};
  }
  throw new FormatError(`${name} is truncated: it does not end with a block of zeros.`);
}

/** What stands before a header in place of its own fields. */
interface Extended {
  path?: string | undefined;
  size?: number | undefined;
}

/** Lines `LENGTH KEY=VALUE`, where the length is that of the whole line. */
function paxFields(content: Uint8Array, begin: number, name: string): Extended {
  const fields: Extended = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(text(content, at, Math.max(0, space - at)));
    if (space < 0 || !(Number.isInteger(length) && length > space - at + 1 && at + length <= content.length)) {
      throw new FormatError(`${name} is damaged: the extended header at byte ${begin} has a line of a wrong length.`);
    }
    const line = text(content, space + 1, at + length - space - 2, 'utf-8');
    const [key, value] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)];
    if (key === 'path') fields.path = value;
    if (key === 'size') fields.size = Number(value);
    at += length;
  }
  return fields;
}

/** The sum of all bytes of the header, with its own eight as spaces. */
function checkHeader(header: Uint8Array, at: number, name: string): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i];
  if (sum === octal(header, 148, 8)) return;
  throw new FormatError(`${name} is damaged: the header at byte ${at} has a wrong checksum.`);
}

/** In octal digits, or above 8 GiB as a number of base 256 whose first bit is set. */
function sizeOf(header: Uint8Array): number {
  if (header[124] !== 0x80) return octal(header, 124, 12);
  return header.subarray(125, 136).reduce((size, byte) => size * 256 + byte, 0);
}

function pathOf(header: Uint8Array): string {
  const prefix = text(header, 257, 6) === 'ustar' ? text(header, 345, 155, 'utf-8') : '';
  const path = text(header, 0, 100, 'utf-8');
  return prefix === '' ? path : `${prefix}/${path}`;
}

function octal(header: Uint8Array, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function text(bytes: Uint8Array, start: number, length: number, encoding = 'latin1'): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder(encoding).decode(end < 0 ? field : field.subarray(0, end));
}
