import type { Floats } from '../../memory/memory.js';
import type { DropoutGeometry } from '../contracts/activations.js';

/** y = x / (1 - p) where the unit's hash is at least p * 2^32, else 0. */
export function dropout(y: Floats, x: Floats, g: DropoutGeometry): void {
  const { p, seed, unit } = g;
  const n = y.length;
  const threshold = Math.round(p * 2 ** 32);
  // Rounded, so that a kernel that multiplies in float32 gives the same bits.
  const scale = Math.fround(1 / (1 - p));
  for (let u = 0, i = 0; i < n; u++) {
    // (1) one decision for each unit, (2) applied to its elements
    const kept = hash(u, seed) >= threshold;
    for (const end = i + unit; i < end; i++) y[i] = kept ? x[i] * scale : 0;
  }
}

/** dx += dy / (1 - p) for the units that were kept: the same hash decides again. */
export function dropoutBackward(dx: Floats, dy: Floats, g: DropoutGeometry): void {
  const { p, seed, unit } = g;
  const n = dx.length;
  const threshold = Math.round(p * 2 ** 32);
  const scale = Math.fround(1 / (1 - p));
  for (let u = 0, i = 0; i < n; u++) {
    const kept = hash(u, seed) >= threshold;
    for (const end = i + unit; i < end; i++) if (kept) dx[i] += dy[i] * scale;
  }
}

/**
 * 32 bits for one unit, in [0, 2^32): mix(mix(unit) ^ seed). Mixing before the seed comes in keeps the masks of two seeds
 * from being shifts or permutations of each other. Only 32-bit multiplies, shifts and xors, so that vectors can do it too.
 */
function hash(unit: number, seed: number): number {
  return mix(mix(unit) ^ seed) >>> 0;
}

/** The finalizer of MurmurHash3 (Appleby 2011, fmix32): a bijection in which every input bit moves every output bit. */
function mix(bits: number): number {
  let h = bits;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
