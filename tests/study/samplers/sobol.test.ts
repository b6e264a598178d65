import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SearchSpace, Study, sobolSampler, uniform } from '../../../src/study/index.js';
import { scramble, sobolCoordinate } from '../../../src/study/samplers/sobolPoints.js';

const golden = JSON.parse(readFileSync(new URL('../../golden/sobol.json', import.meta.url), 'utf8'));

/** The configurations of a study of so many trials. */
function tried(space: SearchSpace, trials: number, options: object, seed = 0): Record<string, number>[] {
  const study = new Study({ space, sampler: sobolSampler(options), trials, seed });
  for (let trial = study.ask(); trial !== null; trial = study.ask()) study.tell(trial, 0);
  return study.trials.map(({ config }) => config as Record<string, number>);
}

test('the points are those of PyTorch’s SobolEngine, in 64 dimensions', () => {
  for (const [index, point] of golden.first.entries()) {
    expect(Array.from(point, (_, d) => (sobolCoordinate(index, d) / 2 ** 32) * golden.first.length)).toEqual(point);
  }
  const { index, of, point } = golden.later;
  expect(Array.from(point, (_, d) => sobolCoordinate(index, d) / 2 ** (32 - of))).toEqual(point);
});

test('without scrambling, trials are those points', () => {
  const space = Object.fromEntries(Array.from({ length: 5 }, (_, d) => [`p${d}`, uniform(0, 16)]));
  const wanted = golden.first.map((point: number[]) => point.slice(0, 5));
  expect(tried(space, 16, { scramble: false }).map(Object.values)).toEqual(wanted);
});

test('scrambled points have one in each part of each range, and of each pair of the first two, and follow the seed', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const points = tried({ x: uniform(0, 1), y: uniform(0, 1) }, 16, {}, seed);
      for (const rows of [1, 2, 4, 8, 16]) {
        const cells = points.map(({ x, y }) => `${Math.floor(x * rows)} ${Math.floor((y * 16) / rows)}`);
        expect(new Set(cells).size).toBe(16);
      }
      expect(tried({ x: uniform(0, 1), y: uniform(0, 1) }, 16, {}, seed)).toEqual(points);
    }),
    { numRuns: 10 },
  );
  expect(tried({ x: uniform(0, 1) }, 4, {}, 1)).not.toEqual(tried({ x: uniform(0, 1) }, 4, {}, 2));
});

test('scrambling keeps apart what differs in a leading bit, and mixes halves by themselves', () => {
  fc.assert(
    fc.property(
      fc.nat(2 ** 16 - 1),
      fc.nat(2 ** 16 - 1),
      fc.nat(),
      fc.integer({ min: 0, max: 15 }),
      (a, b, seed, k) => {
        const [p, q] = [a, b].map((v) => scramble(v * 2 ** 16, seed));
        expect(p >>> (31 - k) === q >>> (31 - k)).toBe(a >>> (15 - k) === b >>> (15 - k));
      },
    ),
  );
});

test('it says what it needs', () => {
  expect(() => sobolSampler({ scramble: 1 as never })).toThrow('scramble is 1, but must be true or false');
  const space = Object.fromEntries(Array.from({ length: 65 }, (_, d) => [`p${d}`, uniform(0, 1)]));
  expect(() => tried(space, 1, {})).toThrow('has 65 parameters, but there are direction numbers for 64');
});
