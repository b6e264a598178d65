import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src/base/random.js';
import {
  type Configuration,
  choice,
  evolutionSampler,
  gridSampler,
  integer,
  latinHypercubeSampler,
  log,
  randomSampler,
  type Sampler,
  type SearchSpace,
  Study,
  tpeSampler,
  uniform,
  when,
} from '../../../src/study/index.js';
import { mutate } from '../../../src/study/samplers/evolution.js';
import { ParzenEstimator } from '../../../src/study/samplers/parzen.js';
import { fromUnit, toUnit } from '../../../src/study/unit.js';

/** What a study tries, with a result for each. */
function tried(
  space: SearchSpace,
  sampler: Sampler,
  trials: number,
  f: (c: Configuration) => number,
  seed = 0,
): Configuration[] {
  const study = new Study({ space, sampler, trials, seed });
  for (let trial = study.ask(); trial !== null; trial = study.ask()) study.tell(trial, f(trial.config));
  return study.trials.map(({ config }) => config);
}

describe('places in a range', () => {
  test('are where the value is', () => {
    const parameters = [
      uniform(-2, 3),
      log(1e-3, 10),
      integer(1, 9),
      integer(1, 100, { log: true }),
      choice(['a', 'b', 3]),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...parameters), fc.double({ min: 0, max: 1, noNaN: true }), (parameter, u) => {
        const value = fromUnit(parameter, u);
        const again = fromUnit(parameter, toUnit(parameter, value));
        if (typeof value === 'number' && typeof again === 'number') expect(again).toBeCloseTo(value, 9);
        else expect(again).toBe(value);
        if (parameter.type !== 'choice') expect(value).toBeGreaterThanOrEqual(parameter.low);
        if (parameter.type !== 'choice') expect(value).toBeLessThanOrEqual(parameter.high);
      }),
    );
  });
});

describe('the grid', () => {
  test('is every combination, the last parameter fastest', () => {
    const space = { a: choice(['x', 'y']), b: when({ a: 'y' }, uniform(0, 1)) };
    expect(tried(space, gridSampler({ points: 3 }), 99, () => 0)).toEqual([
      { a: 'x' },
      { a: 'y', b: 0 },
      { a: 'y', b: 0.5 },
      { a: 'y', b: 1 },
    ]);
  });

  test('refuses to become endless', () => {
    const space = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, uniform(0, 1)]));
    expect(() => tried(space, gridSampler(), 1, () => 0)).toThrow(/more than 100000 combinations. Pass fewer points/);
  });
});

test('a Latin hypercube has one trial in each part of each range', () => {
  const configs = tried({ x: uniform(0, 8), y: uniform(0, 8) }, latinHypercubeSampler({ samples: 8 }), 8, () => 0);
  for (const name of ['x', 'y']) {
    expect(configs.map((c) => Math.floor(c[name] as number)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  }
});

test('a mutation changes one active parameter, within its range', () => {
  const space = { a: choice(['x', 'y', 'z']), b: when({ a: 'x' }, uniform(0, 1)), c: integer(1, 3) };
  const parents: Configuration[] = [
    { a: 'x', b: 0.25, c: 1 },
    { a: 'y', c: 3 },
  ];
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...parents), (seed, parent: Configuration) => {
      const child = mutate(space, parent, new RandomStream(seed));
      const kept = Object.keys(child).filter((name) => name in parent);
      const changed = kept.filter((name) => child[name] !== parent[name]);
      expect(changed).toHaveLength(1);
      expect('b' in child).toBe(child.a === 'x');
    }),
  );
});

test('a Parzen density integrates to 1', () => {
  for (const points of [[], [0.2], [0, 0.5, 0.5001, 1], [0.9, 0.91, 0.92]]) {
    const density = new ParzenEstimator(points);
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += Math.exp(density.logDensity((i + 0.5) / 20_000)) / 20_000;
    expect(sum).toBeCloseTo(1, 3);
  }
});

describe('samplers that learn', () => {
  const space = {
    x: uniform(-5, 5),
    y: log(1e-3, 1e3),
    kind: choice(['good', 'bad', 'worse']),
    z: when({ kind: 'good' }, uniform(0, 1)),
  };
  const loss = ({ x, y, kind, z = 1 }: Configuration): number =>
    ((x as number) - 2) ** 2 + Math.log10(y as number) ** 2 + { good: 0, bad: 3, worse: 6 }[kind as 'good'] + Number(z);
  const best = (sampler: () => Sampler): number => {
    const bests = Array.from({ length: 10 }, (_, seed) =>
      Math.min(...tried(space, sampler(), 80, loss, seed).map(loss)),
    );
    return bests.reduce((a, b) => a + b) / bests.length;
  };
  const random = best(randomSampler);

  test.each([
    ['TPE', () => tpeSampler()],
    ['evolution', () => evolutionSampler({ population: 20, tournament: 5 })],
  ])('%s gets less than half of the loss of random search with the same budget', (_, sampler) => {
    expect(best(sampler)).toBeLessThan(random / 2);
  });
});
