import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernels } from '../../src/kernels/tables.js';
import { reference } from '../../src/kernels/tables.js';
import { normals, seed, wholes } from '../../testing/arbitraries.js';
import { tables } from '../../testing/tables.js';
import { expectClose, gamma, U } from '../../testing/tolerance.js';

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

function largest(a: Float32Array): number {
  return a.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
}

/**
 * What float32 adds to the errors of group and layer normalization with statistics over `count` values and gradients of
 * weight and bias over `rows`: each sum of k products is off by gamma(k) of its magnitude, the mean is rounded once.
 */
function singleBounds(
  count: number,
  rows: number,
  x: Float32Array,
  dy: Float32Array,
  mean: Float32Array,
  scale: Float32Array,
  weight: Float32Array | null,
  bias: Float32Array | null,
): { forward: number[]; backward: number[] } {
  const [X, D, S] = [largest(x), largest(dy), largest(scale)];
  const Z = X + largest(mean);
  const W = weight === null ? 1 : largest(weight);
  const B = bias === null ? 0 : largest(bias);
  // eps = 1e-5 bounds 1 / deviation.
  const steepest = Math.sqrt(1e5);
  return {
    forward: [
      steepest * W * X * (gamma(2) + 2 * gamma(count + 10)) + gamma(2) * B,
      gamma(count + 4) * 2 * X,
      gamma(count + 8) * steepest,
    ],
    backward: [
      gamma(count + 12) * S * D * W * (2 + Z * Z * S * S),
      gamma(rows + 6) * rows * D * Z * S,
      gamma(rows + 4) * rows * D,
    ],
  };
}

describe.each(tables)('normalization kernels, %s against the reference', (name, table) => {
  /**
   * The reference computes in doubles and rounds to float32 once for each array written, as the plain table does: 2 u of the
   * result, 2 u of the ones that gradients are added to. Doubles of these sizes are themselves off by less than 1e-9. What
   * is computed in float32 is also off by `single`, one number for each output.
   */
  const agree = (
    what: string,
    outputs: () => Outputs,
    fn: (k: Kernels, outputs: Outputs) => void,
    single: number[],
  ): void => {
    const [actual, expected] = [table, reference].map((k) => {
      const out = outputs();
      fn(k, out);
      return out;
    });
    const slack = single.map((bound) => 1e-9 + (name === 'simd' ? bound : 0));
    expected.forEach((e, i) => {
      if (e === null) return;
      const bound = (at: number): number => 2 * U * (1 + Math.abs(e[at])) + slack[i];
      expectClose(actual[i] as Float32Array, e, bound, `${what} output ${i}`);
    });
  };

  test('batch normalization', () => {
    fc.assert(
      fc.property(cases, ({ batch, groups, groupChannels, spatial, seed, weighted, biased, wanted }) => {
        const channels = groups * groupChannels;
        const g = { batch, channels, spatial, eps: 1e-5, relu: false };
        const count = batch * spatial;
        const size = channels * count;
        const [x, dy] = [normals(size, seed), normals(size, seed + 1)];
        const mean = normals(channels, seed + 2);
        const variance = normals(channels, seed + 3).map((v) => v * v + 0.1);
        const weight = weighted ? normals(channels, seed + 4) : null;
        const bias = biased ? normals(channels, seed + 5) : null;
        const lengths = [size, channels, channels];
        const both = [true, true];
        const X = largest(x);
        const D = largest(dy);
        const Z = X + largest(mean);
        const S = (weight === null ? 1 : largest(weight)) * Math.sqrt(10);
        agree(
          'statistics',
          () => ones([channels, channels], both),
          (k, [m, v]) => k.batchNormStatistics(m!, v!, x, g),
          [gamma(count + 4) * 2 * X, gamma(2 * count + 8) * 4 * X * X],
        );
        // A difference, a product with a rounded scale, a sum: each factor and result is rounded once.
        agree(
          'forward',
          () => ones([size], both),
          (k, [y]) => k.batchNorm(y!, x, mean, variance, weight, bias, g),
          [gamma(4) * (Z * S + (bias === null ? 0 : largest(bias)))],
        );
        // Sums of `count` products in float32, then dx = S (dy - mean(dy) - z z mean(dy z)), with 1 / variance below 10.
        const sums = [gamma(count + 4) * count * D * Z * Math.sqrt(10), gamma(count + 4) * count * D];
        agree(
          'backward',
          () => ones(lengths, wanted),
          (k, [dx, dw, db]) => k.batchNormBackward(dx, dw, db, dy, x, mean, variance, weight, bias, g),
          [gamma(count + 12) * S * D * (2 + 10 * Z * Z), ...sums],
        );
        agree(
          'evaluation backward',
          () => ones(lengths, wanted),
          (k, [dx, dw, db]) => k.batchNormEvalBackward(dx, dw, db, dy, x, mean, variance, weight, bias, g),
          [gamma(4) * S * D, ...sums],
        );
        agree(
          'running',
          () => ones([channels, channels], both),
          (k, [m, v]) => k.batchNormUpdateRunning(m!, v!, mean, variance, 0.3, { ...g, batch: batch + 1 }),
          [0, 0],
        );
      }),
      { numRuns: 150 },
    );
  });

  test('batch normalization with a rectifier, to the bit where everything is a whole number', () => {
    fc.assert(
      fc.property(cases, ({ batch, groups, groupChannels, spatial, seed, weighted, biased, wanted }) => {
        const channels = groups * groupChannels;
        const g = { batch, channels, spatial, eps: 0, relu: true };
        const count = batch * spatial;
        const size = channels * count;
        const [x, dy] = [wholes(size, seed), wholes(size, seed + 1)];
        const mean = wholes(channels, seed + 2);
        const variance = wholes(channels, seed + 3).map((v) => 4 ** Math.round(v / 4));
        const weight = weighted ? wholes(channels, seed + 4) : null;
        const bias = biased ? wholes(channels, seed + 5) : null;
        const lengths = [size, channels, channels];
        const y = new Float32Array(size);
        table.batchNorm(y, x, mean, variance, weight, bias, g);
        const expected = new Float32Array(size);
        reference.batchNorm(expected, x, mean, variance, weight, bias, { ...g, relu: false });
        expectClose(
          y,
          expected.map((v) => Math.max(v, 0)),
          0,
          'y',
        );
        // |dy|, |weight| <= 4, |x - mean| <= 8, 1 / deviation <= 2; only the means are no whole numbers.
        agree(
          'backward',
          () => ones(lengths, wanted),
          (k, [dx, dw, db]) => k.batchNormBackward(dx, dw, db, dy, x, mean, variance, weight, bias, g),
          [gamma(12) * 4 * 2 * (4 + 4 + 16 * 16 * 4), 0, 0],
        );
        agree(
          'evaluation backward',
          () => ones(lengths, wanted),
          (k, [dx, dw, db]) => k.batchNormEvalBackward(dx, dw, db, dy, x, mean, variance, weight, bias, g),
          [0, 0, 0],
        );
        // In place: dx is dy, and is replaced by what would have been added.
        for (const pass of ['batchNormBackward', 'batchNormEvalBackward'] as const) {
          const added = new Float32Array(size);
          table[pass](added, null, null, dy, x, mean, variance, weight, bias, g);
          const replaced = dy.slice();
          table[pass](replaced, null, null, replaced, x, mean, variance, weight, bias, g);
          expectClose(replaced, added, 0, pass);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('group normalization', () => {
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
        const bounds = singleBounds(groupChannels * spatial, batch * spatial, x, dy, mean, scale, weight, bias);
        agree(
          'forward',
          () => ones([size, statistics, statistics], [true, true, true]),
          (k, [y, m, s]) => k.groupNorm(y!, m!, s!, x, weight, bias, g),
          bounds.forward,
        );
        agree(
          'backward',
          () => ones([size, channels, channels], wanted),
          (k, [dx, dw, db]) => k.groupNormBackward(dx, dw, db, dy, x, mean, scale, weight, g),
          bounds.backward,
        );
      }),
      { numRuns: 150 },
    );
  });

  test('layer normalization', () => {
    fc.assert(
      fc.property(cases, ({ batch: rows, spatial: size, seed, weighted, biased, wanted }) => {
        const g = { rows, size, eps: 1e-5 };
        const [x, dy] = [normals(rows * size, seed), normals(rows * size, seed + 1)];
        const weight = weighted ? normals(size, seed + 4) : null;
        const bias = biased ? normals(size, seed + 5) : null;
        const [mean, scale] = [normals(rows, seed + 2), normals(rows, seed + 3)];
        const bounds = singleBounds(size, rows, x, dy, mean, scale, weight, bias);
        agree(
          'forward',
          () => ones([rows * size, rows, rows], [true, true, true]),
          (k, [y, m, s]) => k.layerNorm(y!, m!, s!, x, weight, bias, g),
          bounds.forward,
        );
        agree(
          'backward',
          () => ones([rows * size, size, size], wanted),
          (k, [dx, dw, db]) => k.layerNormBackward(dx, dw, db, dy, x, mean, scale, weight, g),
          bounds.backward,
        );
      }),
      { numRuns: 150 },
    );
  });

  test('local response normalization', () => {
    const exponents = fc.constantFrom(0.75, 0.5, 1, 1.3);
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 7 }), exponents, ({ batch, groups, spatial, seed }, size, beta) => {
        const channels = 2 * groups + 1;
        const g = { batch, channels, spatial, size, alpha: 2, beta, k: 1.5 };
        const length = batch * channels * spatial;
        const [x, dy] = [normals(length, seed), normals(length, seed + 1)];
        const [y, yr, dx, dxr] = [0, 1, 2, 3].map(() => new Float32Array(length).fill(1));
        table.localResponseNorm(y, x, g);
        reference.localResponseNorm(yr, x, g);
        // In float32 s is off by gamma(size + 2); 1 / s, roots and product add four roundings, log and exp of s < 2^10 twenty.
        const roundings = name === 'simd' ? size + 2 + (beta === 1.3 ? 24 : 4) : 2;
        expectClose(y, yr, (i) => gamma(roundings) * Math.abs(yr[i]) + 1e-12, 'y');
        table.localResponseNormBackward(dx, dy, x, g);
        reference.localResponseNormBackward(dxr, dy, x, g);
        // size + 1 terms are added to each dx one by one; dy, x and their factors are below 8, 8 and 2.
        expectClose(dx, dxr, gamma(size + 2 + roundings) * (1 + 8 * 8 * 2 * size), 'dx');
      }),
      { numRuns: 150 },
    );
  });

  test('statistics survive a mean millions of times the deviation', () => {
    // 2^22 + {0, 1, 2, 3}: exact in float32, mean 2^22 + 1.5, variance 1.25. E[x^2] - E[x]^2 is off even in doubles.
    const x = Float32Array.from({ length: 4000 }, (_, i) => 2 ** 22 + (i % 4));
    const [mean, variance] = [new Float32Array(1), new Float32Array(1)];
    table.batchNormStatistics(mean, variance, x, { batch: 1, channels: 1, spatial: 4000, eps: 0, relu: false });
    expect(mean[0]).toBe(2 ** 22 + 1.5);
    expect(variance[0]).toBe(1.25);
  });
});
