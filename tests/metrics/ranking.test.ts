import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, ShapeError } from '../../src/base/errors.js';
import {
  averagePrecision,
  averagePrecisions,
  meanAveragePrecision,
  meanRocAuc,
  rocAuc,
  rocAucs,
} from '../../src/metrics/ranking.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Scores with many ties, and targets with at least one of each kind. */
const cases = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 20 })
  .filter((rows) => new Set(rows.map(([, target]) => target)).size === 2);

describe('averagePrecision', () => {
  test('adds the precision at each positive, from the highest score down', () => {
    expect(averagePrecision([4, 3, 2, 1], [1, 1, 0, 0])).toBe(1);
    expect(averagePrecision([4, 3, 2, 1], [1, 0, 1, 0])).toBeCloseTo((1 + 2 / 3) / 2, 15);
    expect(averagePrecision([1, 2, 3, 4], [1, 0, 0, 0])).toBe(1 / 4);
  });

  test('takes equal scores as one step, in whatever order they stand', () => {
    // Four images called at once, one of them right.
    expect(averagePrecision([5, 5, 5, 5], [1, 0, 0, 0])).toBe(1 / 4);
    expect(averagePrecision([5, 5, 5, 5], [0, 0, 0, 1])).toBe(1 / 4);
  });

  test('is not defined without positives, or with a score that is NaN', () => {
    expect(averagePrecision([1, 2], [0, 0])).toBeNaN();
    expect(averagePrecision([], [])).toBeNaN();
    expect(averagePrecision([1, Number.NaN], [1, 0])).toBeNaN();
  });

  test('refuses scores and targets that are no pairs', () => {
    expect(() => averagePrecision([1, 2], [1])).toThrow(
      new ShapeError('averagePrecision: 2 scores, but 1 targets; they go in pairs.'),
    );
  });
});

describe('rocAuc', () => {
  test('is the share of pairs in the right order', () => {
    expect(rocAuc([4, 3, 2, 1], [1, 1, 0, 0])).toBe(1);
    expect(rocAuc([4, 3, 2, 1], [1, 0, 1, 0])).toBe(3 / 4);
    expect(rocAuc([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(rocAuc([7, 7], [1, 0])).toBe(1 / 2);
  });

  test('counts every pair once, ties as halves', () => {
    fc.assert(
      fc.property(cases, (rows) => {
        let won = 0;
        let pairs = 0;
        for (const [positive] of rows.filter(([, target]) => target === 1)) {
          for (const [negative] of rows.filter(([, target]) => target === 0)) {
            won += positive > negative ? 1 : positive === negative ? 0.5 : 0;
            pairs++;
          }
        }
        const scores = rows.map(([score]) => score);
        expect(
          rocAuc(
            scores,
            rows.map(([, target]) => target),
          ),
        ).toBe(won / pairs);
      }),
    );
  });

  test('needs positives and negatives', () => {
    expect(rocAuc([1, 2], [1, 1])).toBeNaN();
    expect(rocAuc([1, 2], [0, 0])).toBeNaN();
  });
});

test('both depend on the order of the scores only', () => {
  fc.assert(
    fc.property(cases, (rows) => {
      const multiHot = rows.map(([, target]) => target);
      const stretched = rows.map(([score]) => score ** 3 - 100);
      const scores = rows.map(([score]) => score);
      expect(rocAuc(stretched, multiHot)).toBe(rocAuc(scores, multiHot));
      expect(averagePrecision(stretched, multiHot)).toBe(averagePrecision(scores, multiHot));
    }),
  );
});

describe('several classes', () => {
  const scores = Tensor.from([
    [4, 1, 0],
    [3, 2, 0],
    [2, 3, 0],
  ]);

  test('are measured one by one, and averaged where they have examples', () => {
    // Class 1 is highest where class 0 is lowest; class 2 has no example.
    expect(averagePrecisions(scores, [0, 1, 1])).toEqual([1, 1, Number.NaN]);
    expect(averagePrecisions(scores, [0, 1, 0])).toEqual([(1 + 2 / 3) / 2, 1 / 2, Number.NaN]);
    expect(meanAveragePrecision(scores, [0, 1, 1])).toBe(1);
    expect(rocAucs(scores, [0, 1, 0])).toEqual([1 / 2, 1 / 2, Number.NaN]);
    expect(meanRocAuc(scores, [0, 1, 0])).toBe(1 / 2);
  });

  test('may be true of an image at once, told by multi-hot targets', () => {
    const multiHot = Tensor.from([
      [1, 0, 0],
      [1, 0, 1],
      [0, 1, 0],
    ]);
    expect(averagePrecisions(scores, multiHot)).toEqual([1, 1, 1 / 3]);
    expect(meanAveragePrecision(scores, multiHot)).toBe((1 + 1 + 1 / 3) / 3);
    expect(meanRocAuc(scores, multiHot)).toBe((1 + 1 + 1 / 2) / 3);
  });

  test('have no mean without any example, and none with a NaN', () => {
    expect(meanAveragePrecision(scores, new Uint8Array(9))).toBeNaN();
    expect(meanRocAuc(Tensor.from([[Number.NaN, 1]]), [1, 0])).toBeNaN();
  });

  test('refuse targets that do not fit', () => {
    expect(() => meanAveragePrecision(scores, [0, 1])).toThrow(
      new ShapeError('meanAveragePrecision: 2 targets for scores [3, 3]; needs 3 class indices or 9 multi-hot values.'),
    );
    expect(() => meanRocAuc(scores, [0, 1, 3])).toThrow(
      new DataError('meanRocAuc: class 3 at place 2 is not in 0 to 2.'),
    );
    expect(() => rocAucs(scores, [0, 0, 0, 0, 2, 0, 0, 0, 0])).toThrow(
      new DataError('rocAucs: the multi-hot value at place 4 is 2, but must be 0 or 1.'),
    );
    expect(() => rocAucs(Tensor.zeros([3]), [0, 1, 0])).toThrow('the scores have shape [3], but need 2 axes, [N, K]');
  });
});
