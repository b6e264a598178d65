import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { upperBound } from '../../src/moderation/binomialBound.js';
import { decide, type LabeledScores, learnPolicy, type Policy } from '../../src/moderation/index.js';
import { costOf } from '../../src/moderation/learnPolicy.js';
import { cheapestThresholds, meanCost } from '../../src/moderation/thresholds.js';

const policy: Policy = {
  name: 'test',
  version: '1',
  labels: { weapon: { miss: 30, falseAlarm: 6 } },
  review: { cost: 1, capacity: 1 },
};

/** Photographs whose scores are noisy: the logit of a bad one is 2.2 higher on average. */
function drawnPhotos(count: number, seed: string, share = 0.3): LabeledScores[] {
  const random = new RandomStream(seed);
  return Array.from({ length: count }, () => {
    const isBad = random.uniform() < share;
    const z = 1.2 * random.normal() + (isBad ? 1.1 : -1.1);
    return { scores: { weapon: 1 / (1 + Math.exp(-z)) }, shows: isBad ? ['weapon'] : [] };
  });
}

function costOn(learned: ReturnType<typeof learnPolicy>, photos: readonly LabeledScores[]): number {
  const sum = photos.reduce((total, { scores, shows }) => {
    const { action, label } = decide(learned.thresholds, scores);
    return total + costOf(learned.policy, action, label, shows);
  }, 0);
  return sum / photos.length;
}

describe('learnPolicy', () => {
  const many = drawnPhotos(20_000, 'many');

  test('costs at most 5 % more than the best thresholds in hindsight', () => {
    const items = many
      .map(({ scores, shows }) => ({ score: scores.weapon, bad: shows.length, weight: 1 }))
      .sort((a, b) => a.score - b.score);
    const costs = { ...policy.labels.weapon, review: policy.review.cost };
    const best = meanCost(items, cheapestThresholds(items, costs), costs);
    for (const seed of [1, 2, 3]) {
      const learned = learnPolicy(policy, drawnPhotos(1500, `learn ${seed}`));
      expect(costOn(learned, many) / best).toBeLessThan(1.05);
      expect(learned.expected.cost / costOn(learned, many)).toBeCloseTo(1, 0);
    }
  });

  test('states bounds of the miss rate that hold in at least 95 of 100 resamples, with a target and without', () => {
    for (const missRate of [undefined, { atMost: 0.1 }]) {
      let held = 0;
      for (let i = 0; i < 100; i++) {
        const learned = learnPolicy({ ...policy, missRate }, drawnPhotos(400, `resample ${i}`));
        const bad = many.filter(({ shows }) => shows.length > 0);
        const missed = bad.filter(({ scores }) => decide(learned.thresholds, scores).action === 'allow').length;
        if (missed / bad.length <= learned.missRates.weapon.bound) held++;
      }
      expect(held).toBeGreaterThanOrEqual(95);
    }
  });

  test('gets stricter for a target, and reviews everything where too few photographs could show it', () => {
    const photos = drawnPhotos(2000, 'strict');
    const free = learnPolicy({ ...policy, labels: { weapon: { miss: 3, falseAlarm: 6 } } }, photos);
    const strict = learnPolicy({ ...free.policy, missRate: { atMost: 0.05 } }, photos);
    expect(free.missRates.weapon.bound).toBeGreaterThan(0.05);
    expect(strict.missRates.weapon.bound).toBe(0.05);
    expect(strict.thresholds.weapon.review).toBeLessThan(free.thresholds.weapon.review);
    const few = learnPolicy({ ...free.policy, missRate: { atMost: 0.001 } }, photos);
    expect(few.thresholds.weapon.review).toBe(0);
    expect(few.expected.allow).toBe(0);
  });

  test('keeps within what reviewers can do', () => {
    const photos = drawnPhotos(3000, 'capacity');
    const { expected: free } = learnPolicy(policy, photos);
    const { expected: busy } = learnPolicy({ ...policy, review: { cost: 1, capacity: 0.1 } }, photos);
    expect(free.review).toBeGreaterThan(0.2);
    expect(busy.review).toBeLessThan(0.13);
    expect(busy.allow + busy.review + busy.block).toBeCloseTo(1);
  });

  test('expects the prevalence of where it will be used', () => {
    const photos = drawnPhotos(3000, 'rare');
    const rare = learnPolicy({ ...policy, labels: { weapon: { miss: 30, falseAlarm: 6, prevalence: 0.01 } } }, photos);
    expect(rare.thresholds.weapon.review).toBeGreaterThan(learnPolicy(policy, photos).thresholds.weapon.review);
    expect(rare.expected.allow).toBeGreaterThan(0.85);
  });

  test('refuses policies and photographs that make no sense, in sentences', () => {
    const photos = drawnPhotos(100, 'few');
    const bad =
      (change: object): (() => unknown) =>
      () =>
        learnPolicy({ ...policy, ...change } as Policy, photos);
    expect(bad({ labels: {} })).toThrow('labels must name what is moderated');
    expect(bad({ labels: { weapon: { miss: 1, falsealarm: 2 } } })).toThrow(
      "no field 'falsealarm'. Did you mean 'falseAlarm'?",
    );
    expect(bad({ review: { cost: -1, capacity: 1 } })).toThrow('review.cost is -1');
    expect(bad({ audit: 3 })).toThrow('audit is 3, but must be a share from 0 to 1.');
    expect(() => learnPolicy(policy, photos.slice(0, 12))).toThrow('Label more photographs.');
    const wrong = [...photos.slice(1), { scores: { weapon: 7 }, shows: [] }];
    expect(() => learnPolicy(policy, wrong)).toThrow("the score 7 for 'weapon'");
  });
});

describe('upperBound', () => {
  test('is the bound of Clopper and Pearson', () => {
    expect(upperBound(0, 10, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / 10), 9);
    const p = upperBound(3, 100, 0.99);
    const terms = [1, 100, 4950, 161_700].map((choose, k) => choose * p ** k * (1 - p) ** (100 - k));
    expect(terms.reduce((sum, term) => sum + term)).toBeCloseTo(0.01, 9);
    expect(upperBound(5, 5, 0.9)).toBe(1);
    expect(upperBound(0, 0, 0.9)).toBe(1);
  });
});
