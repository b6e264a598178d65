import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../src/layers/symmetricEigen.js';
import { normals, seed } from '../../testing/arbitraries.js';

describe('symmetricEigen', () => {
  it('splits [[2, 1], [1, 2]] into 3 along the diagonal and 1 across', () => {
    const { values, vectors } = symmetricEigen([2, 1, 1, 2], 2);
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(1, 14);
    expect(vectors[0] * vectors[1]).toBeCloseTo(0.5, 14);
    expect(vectors[2] * vectors[3]).toBeCloseTo(-0.5, 14);
  });

  it('sorts a diagonal matrix and keeps its axes', () => {
    const { values, vectors } = symmetricEigen([1, 0, 0, 0, 5, 0, 0, 0, -2], 3);
    expect([...values]).toEqual([5, 1, -2]);
    expect([...vectors]).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 1]);
  });

  it('gives orthonormal vectors that the matrix only scales', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 14 }), (s, n) => {
        const draws = normals(n * n, s);
        const a = Float64Array.from({ length: n * n }, (_, i) => draws[i] + draws[(i % n) * n + Math.floor(i / n)]);
        const { values, vectors } = symmetricEigen(a, n);
        // Rounding of n sweeps of rotations, far above what was found.
        const bound = 1e-13 * n * n * Math.max(1, ...values.map(Math.abs));
        for (let k = 0; k < n; k++) {
          if (k > 0) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
          for (let i = 0; i < n; i++) {
            let image = 0;
            let product = 0;
            for (let j = 0; j < n; j++) {
              image += a[i * n + j] * vectors[k * n + j];
              product += vectors[i * n + j] * vectors[k * n + j];
            }
            expect(Math.abs(image - values[k] * vectors[k * n + i])).toBeLessThan(bound);
            expect(Math.abs(product - (i === k ? 1 : 0))).toBeLessThan(bound);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes a matrix of equal values as it is', () => {
    const { values } = symmetricEigen(new Float64Array(9).fill(2), 3);
    expect(values[0]).toBeCloseTo(6, 13);
    expect(Math.abs(values[1]) + Math.abs(values[2])).toBeLessThan(1e-13);
  });
});
