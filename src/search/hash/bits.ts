import { checkEqualLength } from './checkHash.js';

/** Bits as hexadecimal digits: bit 0 of each byte is its highest, the first byte comes first. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of hexadecimal digits. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Which values lie above their median (the lower one of two), as bits: the first value is the highest bit of the first byte. */
export function bitsAboveMedian(values: Float32Array): Uint8Array {
  const median = lowerMedian(values);
  const bytes = new Uint8Array(values.length / 8);
  for (let i = 0; i < values.length; i++) if (values[i] > median) bytes[i >> 3] |= 0x80 >> (i & 7);
  return bytes;
}

export function lowerMedian(values: Float32Array): number {
  return Float32Array.from(values).sort()[(values.length - 1) >> 1];
}

const counts = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** How many bits differ. */
export function differentBits(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += counts[a[i] ^ b[i]];
  return sum;
}

/**
 * How many bits of two hashes differ, both in hexadecimal digits of the same length.
 *
 * Throws `ArgumentError` for strings that are no such hashes.
 *
 * @example
 * hammingDistance('ff00', 'fe00'); // 1
 */
export function hammingDistance(a: string, b: string): number {
  checkEqualLength('hammingDistance', a, b);
  return differentBits(fromHex(a), fromHex(b));
}
