import { afterAll, describe, expect, test } from 'vitest';
import type { Kernels } from '../../../src/kernels/tables.js';
import { plain, simd } from '../../../src/kernels/tables.js';
import { configurePrograms, defaultThreads } from '../../../src/wasm/program.js';
import { normals } from '../../../testing/arbitraries.js';
import { onHeap } from '../../../testing/onHeap.js';
import { expectClose, gamma, U } from '../../../testing/tolerance.js';

afterAll(() => configurePrograms({ threads: defaultThreads() }));

const table = onHeap(simd);

/** Planes below, at and above the 1024 floats of a block, with and without a tail. */
const sizes = [
  { batch: 40, channels: 3, spatial: 49 },
  { batch: 3, channels: 5, spatial: 1024 },
  { batch: 2, channels: 2, spatial: 5003 },
  { batch: 5000, channels: 2, spatial: 1 },
];

/** Sums stay within 70 u of the sum of magnitudes, however long they are: 64 additions a lane, then doubles. */
const SUM = gamma(70);

describe('long sums on the SIMD kernels', () => {
  test.each(sizes)('batch norm of $batch x $channels x $spatial', ({ batch, channels, spatial }) => {
    const g = { batch, channels, spatial, eps: 1e-5, relu: false };
    const count = batch * spatial;
    const size = count * channels;
    const x = normals(size, 'x').map((v) => 2 * v + 3);
    const dy = normals(size, 'dy');
    const run = (k: Kernels) => {
      const out = [channels, channels, size, size, channels, channels].map((n) => new Float32Array(n));
      const [mean, variance, y, dx, dw, db] = out;
      k.batchNormStatistics(mean, variance, x, g);
      k.batchNorm(y, x, mean, variance, null, null, g);
      k.batchNormBackward(dx, dw, db, dy, x, mean, variance, null, null, g);
      return { mean, variance, y, dx, dw, db };
    };
    const [actual, expected] = [run(table), run(plain)];
    // Deviations from the mean are 2 normal: |x - mean| < 12, and 1.6 on average; the mean is rounded to float32.
    expectClose(actual.mean, expected.mean, SUM * 4 + U * 4, 'mean');
    expectClose(actual.variance, expected.variance, (i) => 2 * SUM * expected.variance[i], 'variance');
    expectClose(actual.y, expected.y, 4 * SUM * 6, 'y');
    const sum = SUM * count;
    expectClose(actual.db, expected.db, sum * 2, 'dBias');
    expectClose(actual.dw, expected.dw, sum * 4, 'dWeight');
    expectClose(actual.dx, expected.dx, 4 * SUM * 6, 'dx');
  });

  test.each(sizes)('layer and group norm of $batch x $channels x $spatial', ({ batch, channels, spatial }) => {
    const size = batch * channels * spatial;
    const rowSize = channels * spatial;
    const x = normals(size, 'x').map((v) => 2 * v + 3);
    const dy = normals(size, 'dy');
    const weight = normals(rowSize, 'w');
    const run = (k: Kernels) => {
      const lengths = [size, batch, batch, size, rowSize, rowSize];
      const layer = lengths.map((n) => new Float32Array(n));
      const lg = { rows: batch, size: rowSize, eps: 1e-5 };
      k.layerNorm(layer[0], layer[1], layer[2], x, weight, weight, lg);
      k.layerNormBackward(layer[3], layer[4], layer[5], dy, x, layer[1], layer[2], weight, lg);
      const group = [size, batch, batch, size, channels, channels].map((n) => new Float32Array(n));
      const gg = { batch, channels, spatial, groups: 1, eps: 1e-5 };
      k.groupNorm(group[0], group[1], group[2], x, weight.subarray(0, channels), null, gg);
      k.groupNormBackward(group[3], group[4], group[5], dy, x, group[1], group[2], weight.subarray(0, channels), gg);
      return [...layer, ...group];
    };
    const [actual, expected] = [run(table), run(plain)];
    expected.forEach((e, i) => {
      // 1 / deviation is large where rows are short; all terms of an output are below the largest of its kind in magnitude.
      const steep = i % 6 === 0 || i % 6 >= 3 ? Math.max(...expected[i < 6 ? 2 : 8]) : 1;
      const scale = e.reduce((m, v) => Math.max(m, Math.abs(v)), 1) * Math.max(1, steep) ** 2;
      expectClose(actual[i], e, 16 * SUM * scale, `output ${i}`);
    });
  });

  test('the same bits on 1, 2 and 3 threads', () => {
    const [batch, channels, spatial] = [4, 9, 5003];
    const size = batch * channels * spatial;
    const [x, dy] = [normals(size, 'x'), normals(size, 'dy')];
    const weight = normals(channels * spatial, 'w');
    const w = weight.slice(0, channels);
    const all = (): Float32Array[] => {
      const of = (...lengths: number[]) => lengths.map((n) => new Float32Array(n));
      const results: Float32Array[] = [];
      for (const relu of [false, true]) {
        const g = { batch, channels, spatial, eps: 1e-5, relu };
        const [mean, variance, y, dx, ex, dw, db] = of(channels, channels, size, size, size, channels, channels);
        table.batchNormStatistics(mean, variance, x, g);
        table.batchNorm(y, x, mean, variance, w, w, g);
        table.batchNormBackward(dx, dw, db, dy, x, mean, variance, w, w, g);
        table.batchNormEvalBackward(ex, dw, db, dy, x, mean, variance, w, w, g);
        results.push(mean, variance, y, dx, ex, dw, db);
      }
      const [y, a, b, dx, dw, db] = of(size, batch, batch, size, channels * spatial, channels * spatial);
      const lg = { rows: batch, size: channels * spatial, eps: 1e-5 };
      table.layerNorm(y, a, b, x, weight, weight, lg);
      table.layerNormBackward(dx, dw, db, dy, x, a, b, weight, lg);
      results.push(y, a, b, dx, dw, db);
      const [gy, ga, gb, gdx, gdw, gdb] = of(size, 3 * batch, 3 * batch, size, channels, channels);
      const gg = { batch, channels, spatial, groups: 3, eps: 1e-5 };
      table.groupNorm(gy, ga, gb, x, w, w, gg);
      table.groupNormBackward(gdx, gdw, gdb, dy, x, ga, gb, w, gg);
      const [ly, ldx, sum, da, db2] = of(size, size, size, size, size);
      const rg = { batch, channels, spatial, size: 5, alpha: 1, beta: 0.75, k: 1 };
      table.localResponseNorm(ly, x, rg);
      table.localResponseNormBackward(ldx, dy, x, rg);
      table.addRelu(sum, x, dy);
      table.addReluBackward(da, db2, dy, sum);
      results.push(gy, ga, gb, gdx, gdw, gdb, ly, ldx, sum, da, db2);
      return results;
    };
    const [one, ...others] = [1, 2, 3].map((threads) => {
      configurePrograms({ threads });
      return all();
    });
    for (const other of others) {
      for (const [i, values] of other.entries()) expectClose(values, one[i], 0, `result ${i}`);
    }
    expect(one.length).toBe(31);
  });
});
