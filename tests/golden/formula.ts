import { type Shape, sizeOf } from '../../src/tensor/shape.js';

/** The same numbers as formula.py: low + (high - low) * ((7919 i + 104729 seed) mod 10007) / 10007. */
export function formula(shape: Shape, seed: number, low = -1, high = 1): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) {
    values[i] = low + ((high - low) * ((7919 * i + 104729 * seed) % 10007)) / 10007;
  }
  return values;
}
