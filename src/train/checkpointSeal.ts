import { crc32 } from '../io/crc32.js';

/** What stands before the checksum. Its place is the same in every file, so it is checked before anything else is believed. */
const START = new TextEncoder().encode('{"__metadata__":{"crc32":"');
const AT = 8 + START.length;
const DIGITS = 8;

/** The checksum before it is known, and what it is computed with. */
export const UNSEALED = '0'.repeat(DIGITS);

/** Whether bytes begin as those of a safetensors file whose first metadata is `crc32`. */
export function isSealed(bytes: Uint8Array): boolean {
  return bytes.length >= AT + DIGITS && START.every((byte, i) => bytes[8 + i] === byte);
}

/** Writes the checksum of a file into it: CRC-32 of all its bytes, in hexadecimal, with zeros in its own place. */
export function seal(bytes: Uint8Array): void {
  bytes.set(new TextEncoder().encode(checksum(bytes)), AT);
}

/** Whether a sealed file is as it was when it was sealed. */
export function isIntact(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(AT, AT + DIGITS)) === checksum(bytes);
}

function checksum(bytes: Uint8Array): string {
  const head = crc32(bytes.subarray(0, AT));
  const blank = crc32(new TextEncoder().encode(UNSEALED), head);
  return crc32(bytes.subarray(AT + DIGITS), blank)
    .toString(16)
    .padStart(DIGITS, '0');
}
