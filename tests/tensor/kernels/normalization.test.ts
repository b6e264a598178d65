import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernels } from '../../../src/tensor/kernels/kernels.js';
import { reference } from '../../../src/tensor/kernels/reference/index.js';
import { normals, seed } from '../../support/arbitraries.js';
import { tables } from '../../support/tables.js';
import { expectClose, U } from '../../support/tolerance.js';

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 4 }),
  groups: fc.integer({ min: 1, max: 3 }),
  groupChannels: fc.integer({ min: 1, max: 5 }),
  spatial: fc.integer({ min: 1, max: 11 }),
  seed,
  weighted: fc.boolean(),
  biased: fc.boolean(),
  /** Which of dx, dWeight and dBias are wanted. */
  wanted: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
});

type Outputs = (Float32Array | null)[];

/** Arrays of ones, or null for what is not wanted. */
function ones(lengths: number[], wanted: boolean[]): Outputs {
  return lengths.map((length, i) => (wanted[i] ? new Float32Array(length).fill(1) : null));
}

describe.each(tables)('normalisation kernels, %s against the reference', (_name, table) => {
  /**
   * Both tables compute in doubles and round to float32 once for each array written: 2 u of the result, 2 u of the ones
   * that gradients are added to. Doubles of these sizes are themselves off by less than 1e-9.
   */
  const agree = (what: string, outputs: () => Outputs, fn: (k: Kernels, outputs: Outputs) => void): void => {
    const [actual, expected] = [table, reference].map((k) => {
      const out = outputs();
      fn(k, out);
      return out;
    });
    expected.forEach((e, i) => {
      if (e === null) return;
      expectClose(actual[i] as Float32Array, e, (at) => 2 * U * (1 + Math.abs(e[at])) + 1e-9, `${what} output ${i}`);
    });
  };

  test('batch normalisation', () => {
    fc.assert(
      fc.property(cases, ({ batch, groups, groupChannels, spatial, seed, weighted, biased, wanted }) => {
        const channels = groups * groupChannels;
        const g = { batch, channels, spatial, eps: 1e-5 };
        const size = batch * channels * spatial;
        const [x, dy] = [normals(size, seed), normals(size, seed + 1)];
        const mean = normals(channels, seed + 2);
        const variance = normals(channels, seed + 3).map((v) => v * v + 0.1);
        const weight = weighted ? normals(channels, seed + 4) : null;
        const bias = biased ? normals(channels, seed + 5) : null;
        const lengths = [size, channels, channels];
        const both = [true, true];
        agree(
          'statistics',
          () => ones([channels, channels], both),
          (k, [m, v]) => k.batchNormStatistics(m!, v!, x, g),
        );
        agree(
          'forward',
          () => ones([size], both),
          (k, [y]) => k.batchNorm(y!, x, mean, variance, weight, bias, g),
        );
        agree(
          'backward',
          () => ones(lengths, wanted),
          (k, [dx, dw, db]) => k.batchNormBackward(dx, dw, db, dy, x, mean, variance, weight, g),
        );
        agree(
          'evaluation backward',
          () => ones(lengths, wanted),
          (k, [dx, dw, db]) => k.batchNormEvalBackward(dx, dw, db, dy, x, mean, variance, weight, g),
        );
        agree(
          'running',
          () => ones([channels, channels], both),
          (k, [m, v]) => k.batchNormUpdateRunning(m!, v!, mean, variance, 0.3, { ...g, batch: batch + 1 }),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('group normalisation', () => {
    fc.assert(
      fc.property(cases, ({ batch, groups, groupChannels, spatial, seed, weighted, biased, wanted }) => {
        const channels = groups * groupChannels;
        const g = { batch, channels, spatial, groups, eps: 1e-5 };
        const size = batch * channels * spatial;
        const [x, dy] = [normals(size, seed), normals(size, seed + 1)];
        const weight = weighted ? normals(channels, seed + 4) : null;
        const bias = biased ? normals(channels, seed + 5) : null;
        const statistics = batch * groups;
        const [mean, scale] = [normals(statistics, seed + 2), normals(statistics, seed + 3)];
        agree(
          'forward',
          () => ones([size, statistics, statistics], [true, true, true]),
          (k, [y, m, s]) => k.groupNorm(y!, m!, s!, x, weight, bias, g),
        );
        agree(
          'backward',
          () => ones([size, channels, channels], wanted),
          (k, [dx, dw, db]) => k.groupNormBackward(dx, dw, db, dy, x, mean, scale, weight, g),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('layer normalisation', () => {
    fc.assert(
      fc.property(cases, ({ batch: rows, spatial: size, seed, weighted, biased, wanted }) => {
        const g = { rows, size, eps: 1e-5 };
        const [x, dy] = [normals(rows * size, seed), normals(rows * size, seed + 1)];
        const weight = weighted ? normals(size, seed + 4) : null;
        const bias = biased ? normals(size, seed + 5) : null;
        const [mean, scale] = [normals(rows, seed + 2), normals(rows, seed + 3)];
        agree(
          'forward',
          () => ones([rows * size, rows, rows], [true, true, true]),
          (k, [y, m, s]) => k.layerNorm(y!, m!, s!, x, weight, bias, g),
        );
        agree(
          'backward',
          () => ones([rows * size, size, size], wanted),
          (k, [dx, dw, db]) => k.layerNormBackward(dx, dw, db, dy, x, mean, scale, weight, g),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('local response normalisation', () => {
    const exponents = fc.constantFrom(0.75, 0.5, 1);
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 7 }), exponents, ({ batch, groups, spatial, seed }, size, beta) => {
        const channels = 2 * groups + 1;
        const g = { batch, channels, spatial, size, alpha: 2, beta, k: 1.5 };
        const length = batch * channels * spatial;
        const [x, dy] = [normals(length, seed), normals(length, seed + 1)];
        const [y, yr, dx, dxr] = [0, 1, 2, 3].map(() => new Float32Array(length).fill(1));
        table.localResponseNorm(y, x, g);
        reference.localResponseNorm(yr, x, g);
        expectClose(y, yr, (i) => 2 * U * Math.abs(yr[i]) + 1e-12, 'y');
        table.localResponseNormBackward(dx, dy, x, g);
        reference.localResponseNormBackward(dxr, dy, x, g);
        // size + 1 terms are added to each dx one by one; dy, x and their factors are below 8, 8 and 2.
        expectClose(dx, dxr, (size + 2) * U * (1 + 8 * 8 * 2 * size), 'dx');
      }),
      { numRuns: 150 },
    );
  });

  test('statistics survive a mean millions of times the deviation', () => {
    // 2^22 + {0, 1, 2, 3}: exact in float32, mean 2^22 + 1.5, variance 1.25. E[x^2] - E[x]^2 is off even in doubles.
    const x = Float32Array.from({ length: 4000 }, (_, i) => 2 ** 22 + (i % 4));
    const [mean, variance] = [new Float32Array(1), new Float32Array(1)];
    table.batchNormStatistics(mean, variance, x, { batch: 1, channels: 1, spatial: 4000, eps: 0 });
    expect(mean[0]).toBe(2 ** 22 + 1.5);
    expect(variance[0]).toBe(1.25);
  });
});
