import fc from 'fast-check';
import { RandomStream } from '../src/base/random.js';
import { type Shape, sizeOf } from '../src/base/shape.js';

/** Normal float32 numbers, the same for the same seed: draw the seed with fast-check and shrink shapes, not numbers. */
export function normals(shape: Shape | number, seed: number | string): Float32Array {
  const random = new RandomStream(String(seed));
  const values = new Float32Array(typeof shape === 'number' ? shape : sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = random.normal();
  return values;
}

/** Whole numbers between -range and range: sums of their products are exact in float32, so tests can ask for equality. */
export function wholes(shape: Shape | number, seed: number | string, range = 4): Float32Array {
  const random = new RandomStream(String(seed));
  const values = new Float32Array(typeof shape === 'number' ? shape : sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = random.integer(2 * range + 1) - range;
  return values;
}

export const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** A shape of `least` to `most` axes, each 1 to 6 long. */
export function shapes(least = 1, most = 4): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: 6 }), { minLength: least, maxLength: most });
}
