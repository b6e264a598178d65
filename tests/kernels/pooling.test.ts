import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/base/shape.js';
import { pool2dGeometry } from '../../src/kernels/geometry.js';
import type { Kernels } from '../../src/kernels/tables.js';
import { reference } from '../../src/kernels/tables.js';
import { normals, wholes } from '../../testing/arbitraries.js';
import { poolCases, resizeCases } from '../../testing/pooling.js';
import { tables } from '../../testing/tables.js';
import { expectClose, gamma, U } from '../../testing/tolerance.js';

/** What a kernel writes into an array of ones: forward kernels overwrite them, backward kernels add to them. */
function filled(length: number, fn: (out: Float32Array) => void): Float32Array {
  const out = new Float32Array(length).fill(1);
  fn(out);
  return out;
}

describe.each(tables)('pooling kernels, %s against the reference', (name, table) => {
  /** Asserts the same bits from both tables, or what `bound` allows. */
  const same = (length: number, fn: (k: Kernels, out: Float32Array) => void, bound = 0): void => {
    const [actual, expected] = [table, reference].map((k) => filled(length, (out) => fn(k, out)));
    expectClose(actual, expected, bound);
  };

  test('windows of any geometry', () => {
    fc.assert(
      fc.property(poolCases, ({ shape, options, seed }) => {
        const g = pool2dGeometry('test', shape, options);
        const outputs = g.planes * g.outHeight * g.outWidth;
        // Few different values: ties are common.
        const x = wholes(shape, seed, 2);
        if (seed % 4 === 0 && x.length > 0) x[seed % x.length] = Number.NaN;
        const dy = wholes(outputs, seed + 1);
        same(outputs, (k, y) => k.maxPool2d(y, x, g));
        same(x.length, (k, dx) => k.maxPool2dBackward(dx, dy, x, g));
        same(outputs, (k, y) => k.avgPool2d(y, x, g));
        // Up to K shares of at most 4 are added to a 1; SIMD rounds each of them to float32 before.
        const K = g.kernelHeight * g.kernelWidth;
        const shares = name === 'simd' ? 2 * gamma(K + 1) * (1 + 4 * K) : 0;
        same(x.length, (k, dx) => k.avgPool2dBackward(dx, dy, g), shares);
      }),
      { numRuns: 300 },
    );
  });

  test('adaptive windows and nearest-neighbor resizing', () => {
    fc.assert(
      fc.property(resizeCases, ({ shape, size, seed }) => {
        const [N, C, inHeight, inWidth] = shape;
        const [outHeight, outWidth] = size;
        const g = { planes: N * C, inHeight, inWidth, outHeight, outWidth, alignCorners: false };
        const outputs = N * C * outHeight * outWidth;
        const x = wholes(shape, seed, 2);
        if (seed % 4 === 0 && x.length > 0) x[seed % x.length] = Number.NaN;
        const dy = wholes(outputs, seed + 1);
        same(outputs, (k, y) => k.adaptiveMaxPool2d(y, x, g));
        same(x.length, (k, dx) => k.adaptiveMaxPool2dBackward(dx, dy, x, g));
        same(outputs, (k, y) => k.adaptiveAvgPool2d(y, x, g));
        // SIMD rounds the share of a window that is the whole plane, at most 4, to float32 before it adds it to a 1.
        const share = name === 'simd' && outHeight === 1 && outWidth === 1 ? 2 * gamma(2) * (1 + 4) : 0;
        same(x.length, (k, dx) => k.adaptiveAvgPool2dBackward(dx, dy, g), share);
        same(outputs, (k, y) => k.upsampleNearest2d(y, x, g));
        same(x.length, (k, dx) => k.upsampleNearest2dBackward(dx, dy, g));
      }),
      { numRuns: 200 },
    );
  });

  test('bilinear resizing', () => {
    fc.assert(
      fc.property(resizeCases, fc.boolean(), ({ shape, size, seed }, alignCorners) => {
        const [N, C, inHeight, inWidth] = shape;
        const [outHeight, outWidth] = size;
        const g = { planes: N * C, inHeight, inWidth, outHeight, outWidth, alignCorners };
        const outputs = N * C * outHeight * outWidth;
        const x = normals(shape, seed);
        const dy = normals(outputs, seed + 1);
        const forward = (k: Kernels) => filled(outputs, (y) => k.upsampleBilinear2d(y, x, g));
        const backward = (k: Kernels) => filled(sizeOf(shape), (dx) => k.upsampleBilinear2dBackward(dx, dy, g));
        // Doubles, then one rounding of a value no larger than the largest x, in each table; SIMD rounds eight times on the way.
        const largest = (a: Float32Array): number => a.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        expectClose(forward(table), forward(reference), (name === 'simd' ? 2 * gamma(10) : 2 * U) * largest(x), 'y');
        // Each output adds up to four times to a dx.
        const terms = 4 * outHeight * outWidth;
        const bound = 2 * gamma(terms) * (1 + outHeight * outWidth * largest(dy));
        expectClose(backward(table), backward(reference), bound, 'dx');
      }),
      { numRuns: 200 },
    );
  });

  test('a NaN goes through every kind of maximum, whatever stands around it', () => {
    for (let at = 0; at < 9; at++) {
      const x = Float32Array.of(1, 2, 3, 4, 5, 4, 3, 2, 1);
      x[at] = Number.NaN;
      for (const kernelSize of [2, 3]) {
        const g = pool2dGeometry('test', [1, 1, 3, 3], { kernelSize, stride: 1 });
        const y = filled(g.outHeight * g.outWidth, (out) => table.maxPool2d(out, x, g));
        const r = Math.floor(at / 3);
        const c = at % 3;
        for (let p = 0; p < g.outHeight; p++) {
          for (let q = 0; q < g.outWidth; q++) {
            const inside = r >= p && r < p + kernelSize && c >= q && c < q + kernelSize;
            expect(Number.isNaN(y[p * g.outWidth + q])).toBe(inside);
          }
        }
      }
      const whole = { planes: 1, inHeight: 3, inWidth: 3, outHeight: 1, outWidth: 1 };
      expect(filled(1, (out) => table.adaptiveMaxPool2d(out, x, whole))[0]).toBeNaN();
    }
  });
});
