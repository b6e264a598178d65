import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AverageScore } from '../../src/metrics/averageScore.js';
import { averageScores, classScores, multiLabelScores } from '../../src/metrics/classScores.js';
import { ConfusionMatrix } from '../../src/metrics/confusionMatrix.js';
import { scoresTable } from '../../src/metrics/scoresTable.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Class 0: 3 of 4 found, 1 wrong call. Class 1: 1 of 2 found, 1 wrong call. Class 2: never called. Class 3: not there at all. */
function example(): ConfusionMatrix {
  const confusion = new ConfusionMatrix(4);
  confusion.add([0, 0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 1, 0, 0]);
  return confusion;
}

describe('classScores', () => {
  test('are shares of the counts of each class', () => {
    const [first, second] = classScores(example());
    expect(first).toEqual({
      precision: 3 / 5,
      recall: 3 / 4,
      f1: 6 / 9,
      truePositives: 3,
      falsePositives: 2,
      falseNegatives: 1,
      support: 4,
    });
    expect([second.precision, second.recall, second.f1, second.support]).toEqual([1 / 2, 1 / 2, 1 / 2, 2]);
  });

  test('are not defined for shares of nothing', () => {
    const [, , neverCalled, absent] = classScores(example());
    expect([neverCalled.precision, neverCalled.recall, neverCalled.f1]).toEqual([Number.NaN, 0, 0]);
    expect([absent.precision, absent.recall, absent.f1, absent.support]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      0,
    ]);
  });
});

describe('averageScores', () => {
  test('macro: classes weigh the same, a class never called counts 0, an absent one not at all', () => {
    expect(averageScores(classScores(example()), 'macro')).toEqual({
      precision: (3 / 5 + 1 / 2 + 0) / 3,
      recall: (3 / 4 + 1 / 2 + 0) / 3,
      f1: (6 / 9 + 1 / 2 + 0) / 3,
    });
  });

  test('weighted: classes weigh as many examples as they have', () => {
    expect(averageScores(classScores(example()), 'weighted')).toEqual({
      precision: (4 * (3 / 5) + 2 * (1 / 2)) / 7,
      recall: (3 + 1) / 7,
      f1: (4 * (6 / 9) + 2 * (1 / 2)) / 7,
    });
  });

  test('micro: all three are the accuracy where every image has one class', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1 }), (pairs) => {
        const confusion = new ConfusionMatrix(4);
        confusion.add(
          pairs.map(([label]) => label),
          pairs.map(([, predicted]) => predicted),
        );
        const { accuracy } = confusion;
        expect(averageScores(classScores(confusion), 'micro')).toEqual({
          precision: accuracy,
          recall: accuracy,
          f1: accuracy,
        });
        expect(averageScores(classScores(confusion), 'weighted').recall).toBeCloseTo(accuracy, 12);
      }),
    );
  });

  test('are not defined for no images', () => {
    for (const average of ['macro', 'micro', 'weighted'] as const) {
      expect(averageScores(classScores(new ConfusionMatrix(2)), average).f1).toBeNaN();
    }
  });
});

describe('multiLabelScores', () => {
  // Class 0: one found, one missed, one wrong. Class 1: two found, nothing else.
  const called = [1, 1, 1, 0, 0, 1];
  const truth = [1, 1, 0, 0, 1, 1];

  test('count each class on its own', () => {
    const [first, second] = multiLabelScores(called, truth, 2);
    expect([first.truePositives, first.falsePositives, first.falseNegatives, first.support]).toEqual([1, 1, 1, 2]);
    expect([first.precision, first.recall, first.f1]).toEqual([1 / 2, 1 / 2, 1 / 2]);
    expect([second.precision, second.recall, second.f1]).toEqual([1, 1, 1]);
  });

  test('have an average over all counts', () => {
    expect(averageScores(multiLabelScores(called, truth, 2), 'micro')).toEqual({
      precision: 3 / 4,
      recall: 3 / 4,
      f1: 3 / 4,
    });
  });

  test('refuse targets that do not fit', () => {
    expect(() => multiLabelScores([1, 0, 1], [1, 0, 1], 2)).toThrow(
      'multiLabelScores: 3 calls and 3 targets; needs as many of both, a multiple of 2 classes.',
    );
  });
});

test('scoresTable shows a line a class and three averages', () => {
  expect(scoresTable(classScores(example()), ['cat', 'dog', 'eel', 'fox'])).toBe(
    [
      'class             precision  recall     F1  examples',
      'cat                   0.600   0.750  0.667         4',
      'dog                   0.500   0.500  0.500         2',
      'eel                       -   0.000  0.000         1',
      'fox                       -       -      -         0',
      'macro average         0.367   0.417  0.389         7',
      'micro average         0.571   0.571  0.571         7',
      'weighted average      0.486   0.571  0.524         7',
    ].join('\n'),
  );
});

describe('AverageScore', () => {
  const logits = Tensor.from([
    [2, 1],
    [1, 2],
    [1, 2],
  ]);

  test('is the average over all batches', () => {
    const recall = new AverageScore('recall');
    expect(recall.compute()).toBeNaN();
    recall.update(logits, [0, 0, 1]);
    expect(recall.compute()).toBe((1 / 2 + 1) / 2);
    recall.update(Tensor.from([[2, 1]]), [1]);
    expect(recall.compute()).toBe((1 / 2 + 1 / 2) / 2);
    expect(recall.compute()).toBe(1 / 2);
    recall.reset();
    expect(recall.compute()).toBeNaN();
  });

  test('takes the average it is told', () => {
    const micro = new AverageScore('f1', { average: 'micro' });
    micro.update(logits, [0, 0, 1]);
    expect(micro.compute()).toBe(2 / 3);
  });

  test('refuses names that it does not know', () => {
    // @ts-expect-error
    expect(() => new AverageScore('f2')).toThrow("there is no score 'f2', only 'precision', 'recall' and 'f1'.");
    // @ts-expect-error
    expect(() => new AverageScore('f1', { average: 'mean' })).toThrow("AverageScore: there is no average 'mean'");
  });
});
