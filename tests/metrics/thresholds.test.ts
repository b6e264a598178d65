import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { multiLabelScores } from '../../src/metrics/classScores.js';
import { applyThresholds, bestThreshold, bestThresholds } from '../../src/metrics/thresholds.js';
import { Tensor } from '../../src/tensor/tensor.js';

describe('bestThreshold', () => {
  test('lies half way between what is called and what is not', () => {
    expect(bestThreshold([4, 3, 2, 1], [1, 1, 0, 0])).toEqual({ threshold: 2.5, f1: 1 });
  });

  test('takes a wrong call along where it finds more than it spoils', () => {
    // At 5: 1 of 3 found, F1 = 2/4. At 2: all 3 with one wrong, F1 = 6/7. At 1: two wrong, F1 = 6/8.
    expect(bestThreshold([5, 4, 3, 2, 1], [1, 0, 1, 1, 0])).toEqual({ threshold: 1.5, f1: 6 / 7 });
  });

  test('is the lowest score where everything is called', () => {
    expect(bestThreshold([2, 1], [0, 1])).toEqual({ threshold: 1, f1: 2 / 3 });
  });

  test('is the highest of equally good ones', () => {
    // At 4: F1 = 2/3. At 2: 2 of 2 found with 2 wrong, F1 = 4/6.
    expect(bestThreshold([4, 3, 2.5, 2], [1, 0, 0, 1])).toEqual({ threshold: 3.5, f1: 2 / 3 });
  });

  test('never parts equal scores', () => {
    expect(bestThreshold([3, 3, 1], [1, 0, 0])).toEqual({ threshold: 2, f1: 2 / 3 });
  });

  test('never calls a class without examples', () => {
    expect(bestThreshold([1, 2], [0, 0])).toEqual({ threshold: Number.POSITIVE_INFINITY, f1: Number.NaN });
    expect(bestThreshold([1, Number.NaN], [0, 1])).toEqual({ threshold: Number.POSITIVE_INFINITY, f1: Number.NaN });
  });

  test('holds for neighboring doubles and infinite scores', () => {
    const next = 1 + Number.EPSILON;
    for (const [high, low] of [
      [next, 1],
      [1, Number.NEGATIVE_INFINITY],
    ]) {
      expect(bestThreshold([high, low], [1, 0])).toEqual({ threshold: high, f1: 1 });
    }
  });

  test('gives the F1 that it says, and no threshold gives more', () => {
    const row = fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 15 }), (rows) => {
        const truth = rows.map(([, target]) => target);
        fc.pre(truth.includes(1));
        const scores = Tensor.from(rows.map(([score]) => [score]));
        const f1At = (threshold: number): number =>
          multiLabelScores(applyThresholds(scores, threshold), truth, 1)[0].f1;
        const best = bestThreshold([...scores.data], truth);
        expect(f1At(best.threshold)).toBe(best.f1);
        for (let t = -4.5; t <= 4.5; t += 0.5) expect(f1At(t)).toBeLessThanOrEqual(best.f1);
      }),
    );
  });
});

describe('thresholds of several classes', () => {
  const scores = Tensor.from([
    [4, 1],
    [3, 5],
    [1, 2],
  ]);

  test('are chosen for each on its own', () => {
    const multiHot = [1, 0, 1, 1, 0, 1];
    const best = bestThresholds(scores, multiHot);
    expect(best).toEqual([
      { threshold: 2, f1: 1 },
      { threshold: 1.5, f1: 1 },
    ]);
    const called = applyThresholds(
      scores,
      best.map(({ threshold }) => threshold),
    );
    expect([...called]).toEqual(multiHot);
  });

  test('call what reaches them', () => {
    expect([...applyThresholds(scores, 3)]).toEqual([1, 0, 1, 1, 0, 0]);
    expect(() => applyThresholds(scores, [1, 2, 3])).toThrow(
      'applyThresholds: 3 thresholds, but the scores have 2 classes.',
    );
  });
});
