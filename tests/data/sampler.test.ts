import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { RandomStream } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { WeightedRandomSampler } from '../../src/data/sampler.js';
import { tinyImages } from '../../testing/images.js';

/** How often each index was drawn. */
function counts(indices: Int32Array, n: number): number[] {
  const found = Array(n).fill(0);
  for (const i of indices) found[i]++;
  return found;
}

describe('WeightedRandomSampler', () => {
  test('draws in proportion to the weights, and never what has the weight 0', () => {
    const sampler = new WeightedRandomSampler([1, 0, 3], 40_000);
    const [a, b, c] = counts(sampler.indices(new RandomStream('draws')), 3);
    expect(b).toBe(0);
    // 10,000 draws of the first are expected; the standard deviation is 87.
    expect(Math.abs(a - 10_000)).toBeLessThan(5 * 87);
    expect(a + c).toBe(40_000);
  });

  test('without replacement, draws no image twice and heavy ones first', () => {
    let first = 0;
    for (let k = 0; k < 4000; k++) {
      const sampler = new WeightedRandomSampler([1, 1, 2], 3, { replacement: false });
      const indices = sampler.indices(new RandomStream(`epoch/${k}`));
      expect([...indices].sort()).toEqual([0, 1, 2]);
      if (indices[0] === 2) first++;
    }
    // Half of the draws are expected to begin with the heavy one; the standard deviation is 32.
    expect(Math.abs(first - 2000)).toBeLessThan(5 * 32);
  });

  test('draws only images that exist, for any weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), { minLength: 1 }),
        fc.nat(),
        (w, seed) => {
          for (const i of new WeightedRandomSampler(w, 20).indices(new RandomStream(String(seed)))) {
            expect(w[i]).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  test('refuses weights that it cannot draw by', () => {
    const make = (weights: number[], length: number, replacement = true) => {
      return () => new WeightedRandomSampler(weights, length, { replacement });
    };
    expect(make([1, -1], 2)).toThrow('weight 1 is -1, but must be a finite number >= 0');
    expect(make([1, Number.NaN], 2)).toThrow('weight 1 is NaN');
    expect(make([0, 0], 1)).toThrow('0 of 2 weights are above 0, but 1 must be');
    expect(make([1, 0], 2, false)).toThrow('1 of 2 weights are above 0, but 2 must be');
    expect(make([1], 0)).toThrow(ArgumentError);
  });
});

describe('a loader with a sampler', () => {
  const data = tinyImages(10);
  const sampler = new WeightedRandomSampler([0, 0, 1, 0, 0, 5, 0, 0, 0, 0], 7);

  test('has epochs of the length of the sampler, drawn anew each time and repeatable', () => {
    const options = { batchSize: 2, sampler, seed: 1 };
    const epochsOf = (loader: DataLoader) => [0, 1].map(() => [...loader].flatMap(({ indices }) => [...indices]));
    const loader = new DataLoader(data, options);
    const [first, second] = epochsOf(loader);
    expect(loader.length).toBe(4);
    expect(first.length).toBe(7);
    expect(new Set(first.concat(second))).toEqual(new Set([2, 5]));
    expect(first).not.toEqual(second);
    expect(epochsOf(new DataLoader(data, options))).toEqual([first, second]);
  });

  test('resumes in the middle of an epoch', () => {
    const options = { batchSize: 2, sampler, seed: 1 };
    const all = [...new DataLoader(data, options)].map(({ indices }) => [...indices]);
    const begun = new DataLoader(data, options);
    for (const _ of begun) if (begun.state().batch === 2) break;
    const rest = new DataLoader(data, options);
    rest.restore(JSON.parse(JSON.stringify(begun.state())));
    expect([...rest].map(({ indices }) => [...indices])).toEqual(all.slice(2));
  });

  test('does not shuffle too', () => {
    expect(() => new DataLoader(data, { batchSize: 2, sampler, shuffle: true })).toThrow(
      'shuffle and sampler both decide the order',
    );
  });
});
