import { describe, expect, it } from 'vitest';
import { countOf, keptOffset, offsetOf, stretchedOffset } from '../../src/kernels/indexing.js';

describe('indexing', () => {
  const shape = Int32Array.of(2, 3, 2, 4, 3, 2);

  it('finds the offset of every index by counting through six axes', () => {
    const strides = Int32Array.of(1000, 0, 100, 0, 10, 1);
    let index = 0;
    for (let a = 0; a < 2; a++)
      for (let b = 0; b < 3; b++)
        for (let c = 0; c < 2; c++)
          for (let d = 0; d < 4; d++)
            for (let e = 0; e < 3; e++)
              for (let f = 0; f < 2; f++) {
                expect(offsetOf(index++, shape, strides, 6)).toBe(1000 * a + 100 * c + 10 * e + f);
              }
    expect(index).toBe(countOf(shape, 6));
    expect(offsetOf(7, shape, strides, 2)).toBe(2000);
    expect([offsetOf(0, shape, strides, 0), countOf(shape, 0), countOf(shape, 3)]).toEqual([0, 1, 12]);
  });

  it('meets every element once when an array is cut along its kept axes', () => {
    const strides = Int32Array.of(4, 0, 2, 0, 0, 1);
    const kept = 8;
    const behind = countOf(shape, 6) / kept;
    const seen = new Set<number>();
    for (let o = 0; o < kept; o++) {
      for (let r = 0; r < behind; r++) {
        const at = keptOffset(o, shape, strides) + stretchedOffset(r, shape, strides);
        expect(offsetOf(at, shape, strides, 6)).toBe(o);
        seen.add(at);
      }
    }
    expect(seen.size).toBe(countOf(shape, 6));
    expect(Math.max(...seen)).toBe(countOf(shape, 6) - 1);
  });
});
