import fc from 'fast-check';
import { afterAll, describe, test } from 'vitest';
import { pool2dGeometry } from '../../../src/kernels/geometry.js';
import type { Kernels } from '../../../src/kernels/tables.js';
import { plain, simd } from '../../../src/kernels/tables.js';
import { configurePrograms, defaultThreads } from '../../../src/wasm/program.js';
import { wholes } from '../../../testing/arbitraries.js';
import { onHeap } from '../../../testing/onHeap.js';
import { expectClose, gamma } from '../../../testing/tolerance.js';

afterAll(() => configurePrograms({ threads: defaultThreads() }));

const table = onHeap(simd);

/** What a kernel writes into an array of ones. */
function filled(length: number, fn: (out: Float32Array) => void): Float32Array {
  const out = new Float32Array(length).fill(1);
  fn(out);
  return out;
}

describe('pooling on the SIMD kernels', () => {
  test('wide images, whose windows are taken four at a time, agree with the plain kernels', () => {
    const cases = fc.record({
      width: fc.integer({ min: 12, max: 40 }),
      height: fc.integer({ min: 4, max: 9 }),
      kernelSize: fc.constantFrom(1, 2, 3, 5),
      stride: fc.constantFrom(1, 2, 3),
      padded: fc.boolean(),
      ceilMode: fc.boolean(),
      countIncludePad: fc.boolean(),
      nan: fc.boolean(),
      seed: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(cases, ({ width, height, kernelSize, stride, padded, ceilMode, countIncludePad, nan, seed }) => {
        fc.pre(kernelSize <= height);
        const shape = [2, 2, height, width];
        const padding = padded ? Math.floor(kernelSize / 2) : 0;
        const g = pool2dGeometry('test', shape, { kernelSize, stride, padding, ceilMode, countIncludePad });
        const outputs = 4 * g.outHeight * g.outWidth;
        // Few different values: ties are common.
        const x = wholes(shape, seed, 2);
        if (nan) x[seed % x.length] = Number.NaN;
        const dy = wholes(outputs, seed + 1);
        const same = (length: number, fn: (k: Kernels, out: Float32Array) => void, bound = 0): void => {
          const [actual, expected] = [table, plain].map((k) => filled(length, (out) => fn(k, out)));
          expectClose(actual, expected, bound);
        };
        same(outputs, (k, y) => k.maxPool2d(y, x, g));
        same(x.length, (k, dx) => k.maxPool2dBackward(dx, dy, x, g));
        same(outputs, (k, y) => k.avgPool2d(y, x, g));
        const K = kernelSize * kernelSize;
        same(x.length, (k, dx) => k.avgPool2dBackward(dx, dy, g), 2 * gamma(K + 1) * (1 + 4 * K));
      }),
      { numRuns: 150 },
    );
  });

  test('the same bits on 1, 2 and 3 threads', () => {
    const [planes, inHeight, inWidth] = [7, 90, 91];
    const x = wholes(planes * inHeight * inWidth, 1, 100);
    const all = (): Float32Array[] => {
      const results: Float32Array[] = [];
      const both = (outputs: number, forward: (y: Float32Array) => void, back: (dx: Float32Array) => void): void => {
        results.push(filled(outputs, forward), filled(x.length, back));
      };
      for (const kernelSize of [2, 3]) {
        const g = pool2dGeometry('test', [1, planes, inHeight, inWidth], { kernelSize, stride: 2 });
        const outputs = planes * g.outHeight * g.outWidth;
        const dy = wholes(outputs, 2, 100);
        both(
          outputs,
          (y) => table.maxPool2d(y, x, g),
          (dx) => table.maxPool2dBackward(dx, dy, x, g),
        );
        both(
          outputs,
          (y) => table.avgPool2d(y, x, g),
          (dx) => table.avgPool2dBackward(dx, dy, g),
        );
      }
      for (const [outHeight, outWidth] of [
        [1, 1],
        [7, 5],
        [120, 182],
      ]) {
        const g = { planes, inHeight, inWidth, outHeight, outWidth, alignCorners: false };
        const outputs = planes * outHeight * outWidth;
        const dy = wholes(outputs, 3, 100);
        both(
          outputs,
          (y) => table.adaptiveAvgPool2d(y, x, g),
          (dx) => table.adaptiveAvgPool2dBackward(dx, dy, g),
        );
        both(
          outputs,
          (y) => table.adaptiveMaxPool2d(y, x, g),
          (dx) => table.adaptiveMaxPool2dBackward(dx, dy, x, g),
        );
        both(
          outputs,
          (y) => table.upsampleNearest2d(y, x, g),
          (dx) => table.upsampleNearest2dBackward(dx, dy, g),
        );
        both(
          outputs,
          (y) => table.upsampleBilinear2d(y, x, g),
          (dx) => table.upsampleBilinear2dBackward(dx, dy, g),
        );
      }
      return results;
    };
    const [one, ...others] = [1, 2, 3].map((threads) => {
      configurePrograms({ threads });
      return all();
    });
    for (const other of others) {
      for (const [i, values] of other.entries()) expectClose(values, one[i], 0, `result ${i}`);
    }
  });
});
