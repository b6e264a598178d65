import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed, RandomStream } from '../../src/base/random.js';
import * as init from '../../src/layers/init.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { seed, wholes } from '../../testing/arbitraries.js';
import { expectClose, U } from '../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

const shape = [64, 32, 3, 3];
const fanIn = 288;
const fanOut = 576;
const weight = (): Tensor => Tensor.zeros(shape);

function moments(values: ArrayLike<number>): { mean: number; variance: number; largest: number } {
  let sum = 0;
  let squares = 0;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    squares += values[i] ** 2;
    largest = Math.max(largest, Math.abs(values[i]));
  }
  const mean = sum / values.length;
  return { mean, variance: squares / values.length - mean ** 2, largest };
}

/**
 * Mean and variance of n draws stray from their expectations by sqrt(variance / n) and by
 * variance * sqrt((kurtosis - 1) / n); five of these are passed once in two million.
 */
function expectMoments(t: Tensor, variance: number, kurtosis: number, mean = 0): void {
  const found = moments(t.data);
  expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / t.size));
  expect(Math.abs(found.variance / variance - 1)).toBeLessThan(5 * Math.sqrt((kurtosis - 1) / t.size));
}

const UNIFORM = 9 / 5;
const NORMAL = 3;

describe('the uniform and normal initializers', () => {
  it('fill in place and return the tensor', () => {
    const p = new Parameter([1, 2, 3]);
    expect(init.constant(p, 7)).toBe(p);
    expect(p.toArray()).toEqual([7, 7, 7]);
  });

  it('have the moments of their formulas', () => {
    expectMoments(init.uniform(weight(), -2, 4), 36 / 12, UNIFORM, 1);
    expectMoments(init.normal(weight(), 3, 0.5), 0.25, NORMAL, 3);
    expectMoments(init.kaimingUniform(weight()), 2 / fanIn, UNIFORM);
    expectMoments(init.kaimingNormal(weight(), { mode: 'fanOut' }), 2 / fanOut, NORMAL);
    expectMoments(init.kaimingNormal(weight(), { nonlinearity: 'tanh' }), 25 / 9 / fanIn, NORMAL);
    expectMoments(init.xavierUniform(weight()), 2 / (fanIn + fanOut), UNIFORM);
    expectMoments(init.xavierNormal(weight(), { gain: 3 }), 18 / (fanIn + fanOut), NORMAL);
  });

  it('stay within their bounds, and come near them', () => {
    for (const [t, bound] of [
      [init.kaimingUniform(weight()), Math.sqrt(6 / fanIn)],
      [init.kaimingUniform(weight(), { slope: Math.sqrt(5) }), 1 / Math.sqrt(fanIn)],
      [init.xavierUniform(weight()), Math.sqrt(6 / (fanIn + fanOut))],
    ] as const) {
      const { largest } = moments(t.data);
      expect(largest).toBeLessThanOrEqual(bound * (1 + U));
      expect(largest).toBeGreaterThan(bound * 0.999);
    }
  });

  it('draw from the stream of initial weights, or from the one given', () => {
    const first = init.normal(weight()).data.slice();
    manualSeed(1);
    expect(init.normal(weight()).data.slice()).toEqual(first);
    expect(init.normal(weight()).data.slice()).not.toEqual(first);
    const own = (): Tensor => init.kaimingNormal(weight(), { random: new RandomStream('mine') });
    expect(own().data.slice()).toEqual(own().data.slice());
  });

  it('keep the scale of activations through ten layers of rectifiers', () => {
    let h: number[] = Array.from(init.normal(Tensor.zeros([256])).data);
    for (let layer = 0; layer < 10; layer++) {
      const w = init.kaimingNormal(Tensor.zeros([256, 256])).data;
      h = h.map((_, o) =>
        Math.max(
          0,
          h.reduce((sum, v, i) => sum + w[o * 256 + i] * v, 0),
        ),
      );
    }
    const power = h.reduce((sum, v) => sum + v * v, 0) / 256;
    expect(power).toBeGreaterThan(0.2);
    expect(power).toBeLessThan(2);
  });
});

describe('truncatedNormal', () => {
  it('is the normal distribution where the cut is far away', () => {
    expectMoments(init.truncatedNormal(weight(), { mean: 0.1, std: 0.02 }), 0.0004, NORMAL, 0.1);
  });

  it('has variance 1 - 4 phi(2) / (2 Phi(2) - 1) when cut at two standard deviations', () => {
    expectMoments(init.truncatedNormal(weight()), 0.7737413, 2.4);
  });

  it('never leaves the interval, however narrow or far out', () => {
    const cut = fc.double({ min: -8, max: 8, noNaN: true });
    const width = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(cut, width, (low, span) => {
        const high = low + span;
        const { data } = init.truncatedNormal(Tensor.zeros([50]), { low, high });
        for (const v of data) {
          expect(v).toBeGreaterThanOrEqual(Math.fround(low) - Math.abs(low) * U);
          expect(v).toBeLessThanOrEqual(Math.fround(high) + Math.abs(high) * U);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('has the mean of the tail: phi(3) / (1 - Phi(3)) = 3.2831 beyond three', () => {
    expectMoments(init.truncatedNormal(weight(), { low: 3, high: 20 }), 0.0706, 9, 3.2831);
  });
});

describe('orthogonal', () => {
  it.each([[[6, 6]], [[4, 10]], [[10, 4]], [[16, 8, 3, 3]], [[1, 5]]])(
    'makes rows or columns of %j orthonormal',
    (wanted) => {
      const t = init.orthogonal(Tensor.zeros(wanted), { gain: 2 });
      const [rows] = wanted;
      const columns = t.size / rows;
      const at = (i: number, k: number): number =>
        rows <= columns ? t.data[i * columns + k] : t.data[k * columns + i];
      const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
      for (let i = 0; i < count; i++) {
        for (let j = 0; j <= i; j++) {
          let product = 0;
          for (let k = 0; k < length; k++) product += at(i, k) * at(j, k);
          // Each factor is rounded to float32 once: |error| <= 2u |u||v| + u^2, with norms of 2.
          expect(Math.abs(product - (i === j ? 4 : 0))).toBeLessThan(3 * U * 4);
        }
      }
    },
  );

  it('does not favor a direction: the mean of entries is 0', () => {
    const t = init.orthogonal(Tensor.zeros([100, 100]));
    expect(Math.abs(moments(t.data).mean)).toBeLessThan(5 * Math.sqrt(0.01 / t.size));
  });
});

describe('dirac', () => {
  it('puts one 1 at the center', () => {
    expect(init.dirac(Tensor.ones([1, 1, 3, 3])).toArray()).toEqual([
      [
        [
          [0, 0, 0],
          [0, 1, 0],
          [0, 0, 0],
        ],
      ],
    ]);
  });

  it('is the identity convolution', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 3 }), fc.constantFrom(1, 3, 5), (s, groups, kernel) => {
        const channels = 2 * groups;
        const x = Tensor.from(wholes([2, channels, 5, 6], s), [2, channels, 5, 6]);
        const w = init.dirac(Tensor.zeros([channels, 2, kernel, kernel]), { groups });
        expectClose(conv2d(x, w, null, { padding: 'same', groups }).data, x.data, 0);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves the filters that have no channel to pass on at 0', () => {
    const w = init.dirac(Tensor.ones([4, 2, 1, 1]));
    expect([...w.data]).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('lets them be with keepRest, in each group', () => {
    const w = init.dirac(Tensor.from([9, 9, 7, 8, 9, 9, 5, 6], [4, 2, 1, 1]), { keepRest: true });
    expect([...w.data]).toEqual([1, 0, 0, 1, 9, 9, 5, 6]);
    const grouped = init.dirac(Tensor.from([9, 7, 9, 8], [4, 1, 1, 1]), { groups: 2, keepRest: true });
    expect([...grouped.data]).toEqual([1, 7, 1, 8]);
  });
});

describe('bad arguments', () => {
  it.each<[string, () => unknown, string]>([
    ['a vector', () => init.kaimingNormal(Tensor.zeros([4])), 'kaiming: a weight of shape [4] has no fan'],
    ['a vector', () => init.orthogonal(Tensor.zeros([4])), 'orthogonal: a weight of shape [4] has no fan'],
    [
      'a matrix',
      () => init.dirac(Tensor.zeros([4, 4])),
      'dirac: the weight has shape [4, 4], but needs [O, C/groups, R, S].',
    ],
    [
      'odd groups',
      () => init.dirac(Tensor.zeros([4, 4, 1, 1]), { groups: 3 }),
      'dirac: groups=3 must divide the 4 filters.',
    ],
    ['std', () => init.normal(Tensor.zeros([4]), 0, -1), 'normal: std is -1, but must be a number >= 0.'],
    [
      'bounds',
      () => init.uniform(Tensor.zeros([4]), 2, 1),
      'uniform: low is 2 and high is 1; low must be at most high.',
    ],
    [
      'bounds',
      () => init.truncatedNormal(Tensor.zeros([4]), { low: 1, high: 1 }),
      'truncatedNormal: low is 1 and high is 1',
    ],
  ])('%s: a sentence', (_what, fn, message) => {
    expect(fn).toThrow(message);
  });
});
