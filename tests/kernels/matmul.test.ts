import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MatmulGeometry } from '../../src/kernels/contracts/matrix.js';
import type { Kernels } from '../../src/kernels/tables.js';
import { reference } from '../../src/kernels/tables.js';
import { normals, seed, wholes } from '../../testing/arbitraries.js';
import { tables } from '../../testing/tables.js';
import { expectClose, gamma } from '../../testing/tolerance.js';

const one = (m: number, k: number, n: number, transposeA = false, transposeB = false): MatmulGeometry => {
  const zero = Int32Array.of(0);
  const offsets = { offsetsA: zero, offsetsB: zero, offsetsC: zero };
  return { batches: 1, m, n, k, transposeA, transposeB, accumulate: false, ...offsets };
};

function product(table: Kernels, a: Float32Array, b: Float32Array, g: MatmulGeometry, c: Float32Array): Float32Array {
  table.matmul(c, a, b, g, new Float32Array(table.matmulWorkspace(g)).fill(Number.NaN));
  return c;
}

describe.each(tables)('matmul kernel, %s', (name, table) => {
  test('two matrices by hand, transposed in every way', () => {
    const c = () => new Float32Array(4).fill(Number.NaN);
    const a = Float32Array.of(1, 2, 3, 4, 5, 6);
    const aT = Float32Array.of(1, 4, 2, 5, 3, 6);
    const b = Float32Array.of(1, 0, 2, 1, 0, 3);
    const bT = Float32Array.of(1, 2, 0, 0, 1, 3);
    expect([...product(table, a, b, one(2, 3, 2), c())]).toEqual([5, 11, 14, 23]);
    expect([...product(table, aT, b, one(2, 3, 2, true), c())]).toEqual([5, 11, 14, 23]);
    expect([...product(table, a, bT, one(2, 3, 2, false, true), c())]).toEqual([5, 11, 14, 23]);
    expect([...product(table, aT, bT, one(2, 3, 2, true, true), c())]).toEqual([5, 11, 14, 23]);
  });

  test('with accumulate, matrices of the batch that share their place add up', () => {
    const g = {
      ...one(1, 1, 1),
      batches: 3,
      accumulate: true,
      offsetsA: Int32Array.of(0, 1, 2),
      offsetsB: Int32Array.of(0, 0, 1),
      offsetsC: Int32Array.of(0, 0, 1),
    };
    const c = product(table, Float32Array.of(1, 2, 3), Float32Array.of(10, 100), g, Float32Array.of(1, 2));
    expect([...c]).toEqual([31, 302]);
  });

  test('agrees exactly with the reference on whole numbers: every size, transpose and edge', () => {
    const size = fc.integer({ min: 0, max: 21 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        seed,
        (m, k, n, transposeA, transposeB, accumulate, number) => {
          const g = { ...one(m, k, n, transposeA, transposeB), accumulate };
          const a = wholes(m * k, `a${number}`);
          const b = wholes(k * n, `b${number}`);
          const c = wholes(m * n, `c${number}`);
          expect(product(table, a, b, g, c.slice())).toEqual(product(reference, a, b, g, c.slice()));
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    [9, 2500, 70],
    [5, 70000, 33],
    [130, 3, 700],
  ])('agrees exactly with the reference over several blocks: [%i, %i] x ..., %i columns', (m, k, n) => {
    const g = one(m, k, n);
    const a = wholes(m * k, 'a', 2);
    const b = wholes(k * n, 'b', 2);
    const c = () => new Float32Array(m * n);
    expect(product(table, a, b, g, c())).toEqual(product(reference, a, b, g, c()));
  });

  test('on real numbers each element is one sum, in doubles rounded once or in float32', () => {
    const g = one(19, 301, 23);
    const a = normals(19 * 301, 'a');
    const b = normals(301 * 23, 'b');
    const actual = product(table, a, b, g, new Float32Array(19 * 23));
    const exact = product(reference, a, b, g, new Float32Array(19 * 23));
    const largest = product(reference, a.map(Math.abs), b.map(Math.abs), g, new Float32Array(19 * 23));
    expectClose(actual, exact, (i) => gamma(name === 'simd' ? 301 + 2 : 2) * largest[i]);
  });
});
