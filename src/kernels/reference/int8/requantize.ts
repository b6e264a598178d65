import type { Int8Range } from '../../contracts/quantized.js';

const { fround } = Math;

/** 1.5 * 2^23: added to a float32 below 2^22 in magnitude, it leaves no room for a fraction, so the sum is rounded half to even. */
export const MAGIC = 12582912;

/** The byte of v, a number in units of its scale: cut to the range, rounded half to even, moved by the zero point. */
export function toByte(v: number, { zero, low, high }: Int8Range): number {
  const [least, most] = [low - zero, high - zero];
  // Turned so that NaN becomes the least.
  const above = v > least ? v : least;
  const cut = above < most ? above : most;
  return fround(cut + MAGIC) - MAGIC + zero;
}
