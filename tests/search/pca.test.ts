import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { fitProjection, project } from '../../src/search/index.js';

describe('fitProjection', () => {
  const random = new RandomStream('pca');
  // Variance 9 along (1, 1, 0) / sqrt 2, 1 along (1, -1, 0) / sqrt 2, and 0.01 along the third axis.
  const vectors = Array.from({ length: 2000 }, () => {
    const [a, b, c] = [3 * random.normal(), random.normal(), 0.1 * random.normal()];
    return [5 + (a + b) / Math.SQRT2, (a - b) / Math.SQRT2, c - 2];
  });

  test('finds the directions of most variance, in their order', () => {
    const { mean, basis } = fitProjection(vectors, { components: 2 });
    expect(mean[0]).toBeCloseTo(5, 0);
    expect(Math.abs(basis[0] + basis[1]) / Math.SQRT2).toBeCloseTo(1, 2);
    expect(Math.abs(basis[3] - basis[4]) / Math.SQRT2).toBeCloseTo(1, 2);
    expect(Math.hypot(basis[0], basis[1], basis[2])).toBeCloseTo(1, 5);
  });

  test('keeps distances along them', () => {
    const projection = fitProjection(vectors, { components: 2 });
    const [a, b] = [project(projection, [5, 0, -2]), project(projection, [7, 2, -2])];
    expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeCloseTo(Math.sqrt(8), 2);
  });

  test('says when there are too few vectors', () => {
    expect(() => fitProjection(vectors.slice(0, 3), { components: 3 })).toThrow(
      '3 vectors of 3 numbers have fewer than 3 components. Pass more vectors, or ask for at most 2.',
    );
  });
});
