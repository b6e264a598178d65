import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError, ShapeError } from '../../src/base/errors.js';
import { ConfusionMatrix } from '../../src/metrics/confusionMatrix.js';
import { RunningMean } from '../../src/metrics/runningMean.js';
import { countTopK, predictedClasses, topKAccuracy } from '../../src/metrics/topK.js';
import { Tensor } from '../../src/tensor/tensor.js';

describe('predictions', () => {
  test('are the class of the largest logit, the first of equal ones', () => {
    const logits = Tensor.from([
      [1, 3, 2],
      [5, 5, 0],
    ]);
    expect([...predictedClasses(logits)]).toEqual([1, 0]);
  });

  test('count as right within the k largest', () => {
    const logits = Tensor.from([
      [1, 3, 2],
      [1, 3, 2],
      [1, 3, 2],
    ]);
    expect([1, 2, 3].map((k) => countTopK(logits, [0, 1, 2], k))).toEqual([1, 2, 3]);
    expect(topKAccuracy(logits, [0, 1, 2], 2)).toBeCloseTo(2 / 3);
  });

  test('agree with the largest logit for k = 1, ties included', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }), fc.nat(3), (row, label) => {
        const logits = Tensor.from([row]);
        expect(countTopK(logits, [label])).toBe(predictedClasses(logits)[0] === label ? 1 : 0);
      }),
    );
  });

  test('are never right by a NaN', () => {
    expect(countTopK(Tensor.from([[Number.NaN, Number.NaN]]), [0])).toBe(0);
  });

  test('refuse labels and k that do not fit', () => {
    expect(() => countTopK(Tensor.zeros([2, 3]), [1])).toThrow(
      new ShapeError('countTopK: 1 labels for logits [2, 3]; needs 2.'),
    );
    expect(() => countTopK(Tensor.zeros([1, 3]), [1], 0)).toThrow(ArgumentError);
    expect(() => predictedClasses(Tensor.zeros([3]))).toThrow('logits have shape [3], but need 2 axes, [N, K]');
  });
});

describe('RunningMean', () => {
  test('weighs numbers by the size of their batch', () => {
    const mean = new RunningMean();
    expect(mean.value).toBeNaN();
    mean.add(1, 3);
    mean.add(5, 1);
    expect(mean.value).toBe(2);
  });

  test('goes on from its state as if nothing had happened, also through JSON', () => {
    const one = new RunningMean();
    one.add(0.1, 3);
    const two = new RunningMean();
    two.state = JSON.parse(JSON.stringify(one.state));
    for (const mean of [one, two]) mean.add(0.7, 5);
    expect(two.value).toBe(one.value);
  });
});

describe('ConfusionMatrix', () => {
  test('counts what is there by rows and what was said by columns', () => {
    const confusion = new ConfusionMatrix(3);
    confusion.add([0, 0, 1, 2], [0, 1, 1, 1]);
    expect(confusion.toArray()).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
    expect(confusion.at(2, 1)).toBe(1);
    expect(confusion.accuracy).toBe(0.5);
    expect([confusion.recall(0), confusion.recall(1), confusion.recall(2)]).toEqual([0.5, 1, 0]);
    expect([confusion.precision(0), confusion.precision(1), confusion.precision(2)]).toEqual([1, 1 / 3, Number.NaN]);
  });

  test('refuses a class that it does not have, and counts nothing then', () => {
    const confusion = new ConfusionMatrix(2);
    expect(() => confusion.add([0, 1], [0, 2])).toThrow(
      new DataError('ConfusionMatrix: class 2 at place 1 is not in 0 to 1.'),
    );
    expect(() => confusion.add([0], [0, 1])).toThrow(DataError);
    expect(confusion.total).toBe(0);
  });
});
