import { expect, test } from 'vitest';
import { ConfusionMatrix } from '../../src/metrics/confusionMatrix.js';

/** Two of class 0, one called 1; one of class 1; none of class 2. */
function example(): ConfusionMatrix {
  const confusion = new ConfusionMatrix(3);
  confusion.add([0, 0, 1], [0, 1, 1]);
  return confusion;
}

test('counts become shares of their row, their column or of all', () => {
  const nan = Number.NaN;
  expect(example().normalized()).toEqual([
    [1 / 2, 1 / 2, 0],
    [0, 1, 0],
    [nan, nan, nan],
  ]);
  expect(example().normalized('predicted')).toEqual([
    [1, 1 / 2, nan],
    [0, 1 / 2, nan],
    [0, 0, nan],
  ]);
  expect(example().normalized('all')).toEqual([
    [1 / 3, 1 / 3, 0],
    [0, 1 / 3, 0],
    [0, 0, 0],
  ]);
});

test('the diagonals are recall and precision', () => {
  const confusion = example();
  for (const k of [0, 1, 2]) {
    expect(confusion.normalized('true')[k][k]).toBe(confusion.recall(k));
    expect(confusion.normalized('predicted')[k][k]).toBe(confusion.precision(k));
  }
});

test('the text has a line for each class, in counts or in percent', () => {
  expect(example().toText()).toBe(
    [
      'true \\ predicted  0  1  2',
      '0                 1  1  0',
      '1                 0  1  0',
      '2                 0  0  0',
    ].join('\n'),
  );
  expect(example().toText({ classes: ['cat', 'dog', 'eel'], normalize: 'true' })).toBe(
    [
      'true \\ predicted   cat    dog  eel',
      'cat               50.0   50.0  0.0',
      'dog                0.0  100.0  0.0',
      'eel                  -      -    -',
    ].join('\n'),
  );
});
