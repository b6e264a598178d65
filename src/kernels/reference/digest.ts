import type { Floats } from '../../memory/memory.js';

/** An odd factor: multiplication by it loses no bit. That of FNV-1a. */
const FACTOR = 16777619;

/** Two digests of 32 bits. */
export function digestLength(_length: number): number {
  return 2;
}

/**
 * Each step, h = (h xor v) * FACTOR, is one to one, so that one changed number never keeps the digest. The second digest has another start.
 *
 * Source: Fowler, Noll and Vo, FNV-1a, on words of 32 bits.
 */
export function hasChanged(digests: Floats, x: Floats): boolean {
  const words = new Int32Array(x.buffer, x.byteOffset, x.byteLength / 4);
  const known = new Int32Array(digests.buffer, digests.byteOffset, 2);
  let [a, b] = [0x2545f491, 0x1b873593];
  for (let i = 0; i < words.length; i++) {
    a = Math.imul(a ^ words[i], FACTOR);
    b = Math.imul(b ^ ((words[i] << 16) | (words[i] >>> 16)), FACTOR);
  }
  const changed = known[0] !== a || known[1] !== b;
  known[0] = a;
  known[1] = b;
  return changed;
}
