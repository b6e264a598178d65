import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { likelihoodOf } from '../../src/moderation/likelihood.js';

/** Two steps, which no smooth curve of three numbers follows. */
const truth = (score: number): number => (score < 0.3 ? 0.02 : score < 0.8 ? 0.5 : 0.97);

const random = new RandomStream('likelihood');
const items = Array.from({ length: 6000 }, () => {
  const score = random.uniform();
  return { score, bad: Number(random.uniform() < truth(score)), weight: 1 };
});

describe('likelihoodOf', () => {
  const likelihood = likelihoodOf(items);

  test('follows what a smooth curve alone misses', () => {
    for (const score of [0.1, 0.5, 0.95]) expect(Math.abs(likelihood(score) - truth(score))).toBeLessThan(0.09);
  });

  test('never falls, and stays between 0 and 1', () => {
    let before = 0;
    for (const score of [0, 1e-9, ...Array.from({ length: 99 }, (_, i) => (i + 1) / 100), 1]) {
      const value = likelihood(score);
      expect(value).toBeGreaterThanOrEqual(before - 1e-12);
      expect(value).toBeLessThanOrEqual(1);
      before = value;
    }
  });

  test('photographs that stand for many count as so many', () => {
    const heavy = likelihoodOf(items.map((item) => ({ ...item, weight: item.bad === 1 ? 4 : 1 })));
    expect(heavy(0.5)).toBeGreaterThan(likelihood(0.5) + 0.2);
  });
});
