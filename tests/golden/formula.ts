import { type Shape, sizeOf } from '../../src/base/shape.js';

/** The same numbers as formula.py: low + (high - low) * h / 2^32, h a 32-bit hash of the index and the seed. */
export function formula(shape: Shape, seed: number, low = -1, high = 1): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) {
    let h = Math.imul(i + 1000003 * (seed + 1), 2654435761);
    h = Math.imul(h ^ (h >>> 15), 2246822519);
    h = Math.imul(h ^ (h >>> 13), 3266489917);
    values[i] = low + (high - low) * (((h ^ (h >>> 16)) >>> 0) / 2 ** 32);
  }
  return values;
}
