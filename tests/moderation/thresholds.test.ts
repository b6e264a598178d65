import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Costs, cheapestThresholds, meanCost, type ScoredItem } from '../../src/moderation/thresholds.js';

const sorted = (items: readonly (readonly [number, 0 | 1])[]): ScoredItem[] =>
  items.map(([score, bad]) => ({ score, bad, weight: 1 })).sort((a, b) => a.score - b.score);

describe('cheapestThresholds', () => {
  test('by hand: what is clear is decided, what is mixed is reviewed', () => {
    const items = sorted([
      [0.1, 0],
      [0.2, 0],
      [0.4, 1],
      [0.5, 0],
      [0.8, 1],
      [0.9, 1],
    ]);
    const found = cheapestThresholds(items, { miss: 10, falseAlarm: 10, review: 1 });
    expect(found.review).toBeCloseTo(0.3);
    expect(found.block).toBeCloseTo(0.65);
  });

  test('reviews nothing where reviews are dearer than mistakes, and blocks nothing where nothing is bad', () => {
    const items = sorted([
      [0.2, 0],
      [0.6, 1],
    ]);
    const { review, block } = cheapestThresholds(items, { miss: 1, falseAlarm: 1, review: 5 });
    expect(review).toBe(block);
    expect(cheapestThresholds(sorted([[0.2, 0]]), { miss: 1, falseAlarm: 1, review: 5 }).review).toBeGreaterThan(0.2);
  });

  test('no pair of thresholds costs less', () => {
    const item = fc.tuple(
      fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
      fc.constantFrom<0 | 1>(0, 1),
    );
    const cost = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 12 }),
        cost,
        cost,
        cost,
        (list, miss, falseAlarm, review) => {
          const [items, costs]: [ScoredItem[], Costs] = [sorted(list), { miss, falseAlarm, review }];
          const found = meanCost(items, cheapestThresholds(items, costs), costs);
          const cuts = Array.from({ length: 11 }, (_, i) => i / 8 - 1 / 16);
          for (const a of cuts) {
            for (const b of cuts.filter((each) => each >= a)) {
              expect(found).toBeLessThanOrEqual(meanCost(items, { review: a, block: b }, costs) + 1e-9);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
