import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { type CrossEntropyOptions, crossEntropy } from '../../../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, gamma, U } from '../../../../testing/tolerance.js';

/** N rows, K classes, labels, smoothing, and a seed for logits and weights. */
const cases = fc
  .record({ N: fc.integer({ min: 1, max: 6 }), K: fc.integer({ min: 1, max: 9 }), s: seed })
  .map(({ N, K, s }) => ({
    N,
    K,
    logits: normals([N, K], s).map((v) => 3 * v),
    weight: normals(K, s + 1).map((v) => Math.abs(v) + 0.1),
    labels: Int32Array.from({ length: N }, (_, n) => (s + 7 * n) % K),
    labelSmoothing: [0, 0.1, 0.5, 1][s % 4],
  }));

/** Loss and gradient, as copies. */
function both(
  logits: Float32Array,
  [N, K]: [number, number],
  labels: Int32Array | number[] | Float32Array,
  options: CrossEntropyOptions = {},
): [Float32Array, Float32Array] {
  const x = Tensor.from(logits, [N, K]);
  const target = labels instanceof Float32Array ? Tensor.from(labels, [N, K]) : labels;
  return withTape((tape) => {
    const loss = crossEntropy(x, target, options);
    return [loss.data.slice(), tape.gradient(loss, [x])[0].data.slice()];
  });
}

/** What smoothing makes of labels, written as probabilities. */
function softTargets(labels: Int32Array, K: number, e: number): Float32Array {
  const t = new Float32Array(labels.length * K).fill(e / K);
  labels.forEach((label, n) => {
    t[n * K + label] = 1 - e + e / K;
  });
  return t;
}

describe.each(tables)('crossEntropy on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));
  const ln2 = Math.LN2;

  run('by hand: odds of 1 to 3 cost log 4 or log 4/3', () => {
    const x = Float32Array.of(0, Math.log(3), 0, Math.log(3));
    const [losses] = both(x, [2, 2], [0, 1], { reduction: 'none' });
    expectClose(losses, [2 * ln2, 2 * ln2 - Math.log(3)], 4 * U);
    expectClose(both(x, [2, 2], [0, 1])[0], [2 * ln2 - Math.log(3) / 2], 4 * U);
    expectClose(both(x, [2, 2], [0, 1], { reduction: 'sum' })[0], [4 * ln2 - Math.log(3)], 8 * U);
  });

  run('the gradient by hand is softmax minus the target, divided by N', () => {
    const x = Float32Array.of(0, 0, 5, 5);
    expect(both(x, [2, 2], [0, 1], { reduction: 'sum' })[1]).toEqual(Float32Array.of(-0.5, 0.5, 0.5, -0.5));
    expect(both(x, [2, 2], [0, 1])[1]).toEqual(Float32Array.of(-0.25, 0.25, 0.25, -0.25));
  });

  run('the weighted mean divides by the weights of the labels', () => {
    const x = new Float32Array(4);
    const weight = Tensor.from([1, 3]);
    const [losses] = both(x, [2, 2], [0, 1], { weight, reduction: 'none' });
    expectClose(losses, [ln2, 3 * ln2], 4 * U);
    expectClose(both(x, [2, 2], [0, 1], { weight })[0], [ln2], 2 * U);
    expectClose(both(x, [2, 2], [0, 1], { weight })[1], [-0.125, 0.125, 0.375, -0.375], 2 * U);
  });

  run('soft targets by hand, whose mean divides by N also with weights', () => {
    const x = Float32Array.of(0, Math.log(3));
    const expected = 0.25 * 2 * ln2 + 0.75 * (2 * ln2 - Math.log(3));
    expectClose(both(x, [1, 2], Float32Array.of(0.25, 0.75))[0], [expected], 8 * U);
    expectClose(both(x, [1, 2], Float32Array.of(0.25, 0.75))[1], [0, 0], 4 * U);
    const weight = Tensor.from([1, 3]);
    expectClose(both(new Float32Array(4), [2, 2], Float32Array.of(1, 0, 0, 1), { weight })[0], [2 * ln2], 8 * U);
  });

  run('logits all alike cost log K, whatever the label', () => {
    expectClose(both(new Float32Array(20).fill(3), [2, 10], [3, 7])[0], [Math.log(10)], 2 ** -22);
  });

  run('smoothed labels are the soft targets (1 - e) t + e / K, with and without class weights', () => {
    fc.assert(
      fc.property(cases, ({ N, K, logits, labels, labelSmoothing, weight }) => {
        for (const w of [undefined, Tensor.from(weight)]) {
          const hard = both(logits, [N, K], labels, { labelSmoothing, weight: w, reduction: 'sum' });
          const soft = both(logits, [N, K], softTargets(labels, K, labelSmoothing), { weight: w, reduction: 'sum' });
          const smoothed = both(logits, [N, K], softTargets(labels, K, 0), {
            labelSmoothing,
            weight: w,
            reduction: 'sum',
          });
          // Each loss is a sum of N K products of a weight (< 6), a target and an nll (< 30), rounded a few times.
          for (const other of [soft, smoothed]) {
            expectClose(hard[0], other[0], gamma(K + 16) * N * 6 * 30, 'loss');
            expectClose(hard[1], other[1], gamma(2 * K + 16) * 6 * 2, 'gradient');
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  run('the gradient of each row sums to 0', () => {
    fc.assert(
      fc.property(cases, ({ N, K, logits, labels, labelSmoothing }) => {
        const [, dx] = both(logits, [N, K], labels, { labelSmoothing, reduction: 'sum' });
        for (let n = 0; n < N; n++) {
          const total = dx.subarray(n * K, n * K + K).reduce((a, b) => a + b, 0);
          expect(Math.abs(total)).toBeLessThanOrEqual(gamma(K + 8) * 2);
        }
      }),
      { numRuns: 20 },
    );
  });

  run('a batch costs the mean of its rows, each alone', () => {
    fc.assert(
      fc.property(cases, ({ N, K, logits, labels, labelSmoothing }) => {
        const alone = [...labels].map((label, n) => {
          return both(logits.slice(n * K, n * K + K), [1, K], [label], { labelSmoothing })[0][0];
        });
        const [losses] = both(logits, [N, K], labels, { labelSmoothing, reduction: 'none' });
        expect([...losses]).toEqual(alone);
        const mean = alone.reduce((a, b) => a + b, 0) / N;
        expectClose(both(logits, [N, K], labels, { labelSmoothing })[0], [mean], 2 * U * Math.abs(mean));
      }),
      { numRuns: 20 },
    );
  });

  run('logits of 1e4 stay finite', () => {
    const x = Float32Array.of(1e4, -1e4);
    expect(both(x, [1, 2], [0])).toEqual([Float32Array.of(0), Float32Array.of(0, 0)]);
    expect(both(x, [1, 2], [1])).toEqual([Float32Array.of(2e4), Float32Array.of(1, -1)]);
    for (const target of [Int32Array.of(1), Float32Array.of(0.5, 0.5)]) {
      const [loss, dx] = both(x, [1, 2], target, { labelSmoothing: 0.1 });
      expect(Number.isFinite(loss[0])).toBe(true);
      expect(dx.every(Number.isFinite)).toBe(true);
    }
  });

  run('forward and backward agree with the reference', () => {
    fc.assert(
      fc.property(cases, ({ N, K, logits, labels, labelSmoothing, weight }) => {
        const [ours, theirs] = [table, tables[0][1]].map((t) =>
          withTable(t, () => both(logits, [N, K], labels, { labelSmoothing, weight: Tensor.from(weight) })),
        );
        // Losses are below 40 times a weight below 6, divided by a weight of at least 0.1.
        expectClose(ours[0], theirs[0], gamma(K + 32) * 40 * 60);
        expectClose(ours[1], theirs[1], gamma(K + 32) * 2 * 60);
      }),
      { numRuns: 30 },
    );
  });

  run('changing the labels after the call does not change the gradient', () => {
    const labels = Int32Array.of(0);
    const x = Tensor.zeros([1, 2]);
    withTape((tape) => {
      const loss = crossEntropy(x, labels);
      labels[0] = 1;
      expect(tape.gradient(loss, [x])[0].toArray()).toEqual([[-0.5, 0.5]]);
    });
  });
});

describe('crossEntropy', () => {
  const labels = [2, 0, 1];
  const weight = [0.5, 2, 1, 3];

  test.each(['mean', 'sum', 'none'] as const)('gradients agree with finite differences, reduction %s', (reduction) => {
    const logits = { shape: [3, 4] };
    expectGradients((x) => crossEntropy(x, labels, { reduction }), [logits]);
    expectGradients(
      (x) => crossEntropy(x, labels, { reduction, labelSmoothing: 0.2, weight: Tensor.from(weight) }),
      [logits],
    );
  });

  test('gradients of soft targets agree with finite differences, for logits and targets', () => {
    const target = { shape: [2, 3], values: [0.2, 0.3, 0.5, 0.9, 0.1, 0] };
    expectGradients((x, t) => crossEntropy(x, t), [{ shape: [2, 3] }, target]);
    expectGradients(
      (x, t) => crossEntropy(x, t, { labelSmoothing: 0.1, weight: Tensor.from([1, 2, 3]), reduction: 'none' }),
      [{ shape: [2, 3] }, target],
    );
  });

  test('a label that is not a class is named with its place', () => {
    const x = Tensor.zeros([4, 10]);
    expect(() => crossEntropy(x, [0, 1, 2, 12])).toThrow(ArgumentError);
    expect(() => crossEntropy(x, [0, 1, 2, 12])).toThrow(
      'crossEntropy: labels[3] is 12, but the logits have 10 classes (0 to 9).',
    );
    expect(() => crossEntropy(x, [0, -1, 2, 3])).toThrow('crossEntropy: labels[1] is -1, but the logits have 10');
    expect(() => crossEntropy(x, [0, 1, 2, 10])).toThrow('crossEntropy: labels[3] is 10');
    expect(() => crossEntropy(x, [0, 1.5, 2, 3])).toThrow(
      'crossEntropy: labels[1] is 1.5, but a label is a whole number, the index of a class.',
    );
    expect(() => crossEntropy(x, [0, Number.NaN, 2, 3])).toThrow('crossEntropy: labels[1] is NaN');
  });

  test('shapes that do not fit get a sentence', () => {
    const x = Tensor.zeros([4, 10]);
    expect(() => crossEntropy(x, [1, 2])).toThrow(ShapeError);
    expect(() => crossEntropy(x, [1, 2])).toThrow(
      'crossEntropy: 2 labels do not fit logits [4, 10], which need 4, one a row.',
    );
    expect(() => crossEntropy(x, Tensor.zeros([4]))).toThrow(
      'crossEntropy: the soft targets have shape [4], but the logits [4, 10]. Pass class indices as an Int32Array or an array of numbers.',
    );
    expect(() => crossEntropy(Tensor.zeros([10]), [1])).toThrow(
      'crossEntropy: logits has shape [10], but needs 2 axes, [N, K].',
    );
    expect(() => crossEntropy(x, [1, 2, 3, 4], { weight: Tensor.ones([4]) })).toThrow(
      'crossEntropy: weight has shape [4], but needs [10], one for each class.',
    );
  });

  test('an empty batch gets a sentence', () => {
    expect(() => crossEntropy(Tensor.zeros([0, 10]), [])).toThrow(
      'crossEntropy: the logits have shape [0, 10]: an empty batch has no loss.',
    );
  });

  test('options outside their range get a sentence', () => {
    const x = Tensor.zeros([1, 2]);
    expect(() => crossEntropy(x, [0], { labelSmoothing: 1.1 })).toThrow(
      'crossEntropy: labelSmoothing is 1.1, but must be from 0 to 1.',
    );
    expect(() => crossEntropy(x, [0], { reduction: 'average' as 'mean' })).toThrow(
      `crossEntropy: reduction is "average", but must be 'mean', 'sum' or 'none'.`,
    );
    expect(() => crossEntropy(x, [0], { weight: Tensor.from([0, 1]) })).toThrow(
      "crossEntropy: the weights of all 1 labels sum to 0, so there is no mean. Use reduction 'sum', or weights > 0.",
    );
  });
});
