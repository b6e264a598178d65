import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { binaryCrossEntropyWithLogits } from '../../../../src/tensor/ops/loss/binaryCrossEntropyWithLogits.js';
import { crossEntropy } from '../../../../src/tensor/ops/loss/crossEntropy.js';
import { huberLoss } from '../../../../src/tensor/ops/loss/huberLoss.js';
import { l1Loss } from '../../../../src/tensor/ops/loss/l1Loss.js';
import { meanSquaredError } from '../../../../src/tensor/ops/loss/meanSquaredError.js';
import { multiclassHinge } from '../../../../src/tensor/ops/loss/multiclassHinge.js';
import type { LossOptions } from '../../../../src/tensor/ops/loss/reduceLoss.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, shapes, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, gamma, U } from '../../../../testing/tolerance.js';

type PairLoss = (x: Tensor, target: Tensor, options?: LossOptions) => Tensor;

const pairLosses: [string, PairLoss][] = [
  ['binaryCrossEntropyWithLogits', binaryCrossEntropyWithLogits],
  ['meanSquaredError', meanSquaredError],
  ['l1Loss', l1Loss],
  ['huberLoss', huberLoss],
];

/** Loss and the gradient of x, as copies. */
function both(loss: (x: Tensor) => Tensor, x: Tensor, dLoss?: ArrayLike<number>): [Float32Array, Float32Array] {
  return withTape((tape) => {
    const y = loss(x);
    const options = dLoss ? { cotangent: Tensor.from(dLoss, y.shape) } : {};
    return [y.data.slice(), tape.gradient(y, [x], options)[0].data.slice()];
  });
}

describe.each(tables)('losses on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('meanSquaredError and l1Loss by hand', () => {
    const x = Tensor.from([1, 5, -2]);
    const target = Tensor.from([1, 3, 2]);
    expect(both((t) => meanSquaredError(t, target, { reduction: 'none' }), x)[0]).toEqual(Float32Array.of(0, 4, 16));
    expect(both((t) => meanSquaredError(t, target, { reduction: 'sum' }), x)).toEqual([
      Float32Array.of(20),
      Float32Array.of(0, 4, -8),
    ]);
    expectClose(both((t) => meanSquaredError(t, target), x)[0], [20 / 3], 8 * U);
    expect(both((t) => l1Loss(t, target), x)[0]).toEqual(Float32Array.of(2));
    expect(both((t) => l1Loss(t, target, { reduction: 'sum' }), x)[1]).toEqual(Float32Array.of(0, 1, -1));
  });

  run('huberLoss by hand: a parabola up to delta, a line from there', () => {
    const x = Tensor.from([0, 1, -2, 9, -9]);
    const target = Tensor.zeros([5]);
    expect(both((t) => huberLoss(t, target, { delta: 2, reduction: 'none' }), x)).toEqual([
      Float32Array.of(0, 0.5, 2, 16, 16),
      Float32Array.of(0, 1, -2, 2, -2),
    ]);
    expect(huberLoss(Tensor.from([3]), Tensor.from([0])).item()).toBe(2.5);
  });

  run('binaryCrossEntropyWithLogits by hand: at 0 every target costs log 2', () => {
    const target = Tensor.from([[0, 1]]);
    const [loss, dx] = both((t) => binaryCrossEntropyWithLogits(t, target, { reduction: 'sum' }), Tensor.zeros([1, 2]));
    expectClose(loss, [2 * Math.LN2], 4 * U);
    expect(dx).toEqual(Float32Array.of(0.5, -0.5));
  });

  run('a positive weight of 3 triples what a missed positive costs, and leaves negatives alone', () => {
    const target = Tensor.from([
      [0, 1],
      [1, 0],
    ]);
    const options = { positiveWeight: Tensor.from([1, 3]), reduction: 'none' } as const;
    const [loss, dx] = both((t) => binaryCrossEntropyWithLogits(t, target, options), Tensor.zeros([2, 2]));
    expectClose(
      loss,
      [1, 3, 1, 1].map((v) => v * Math.LN2),
      8 * U,
    );
    expect(dx).toEqual(Float32Array.of(0.5, -1.5, -0.5, 0.5));
    const forAll = binaryCrossEntropyWithLogits(Tensor.zeros([2, 2]), target, {
      positiveWeight: Tensor.from([3]),
      reduction: 'none',
    });
    expectClose(
      forAll.data,
      [1, 3, 3, 1].map((v) => v * Math.LN2),
      8 * U,
    );
  });

  run('multiclassHinge by hand', () => {
    const x = Tensor.from([
      [3, 4, 0],
      [0, 0, 9],
    ]);
    expect(both((t) => multiclassHinge(t, [0, 2], { reduction: 'sum' }), x)[0]).toEqual(Float32Array.of(2 / 3));
    const scaled = both((t) => multiclassHinge(t, [0, 2], { power: 2, margin: 5, reduction: 'none' }), x, [3, 3]);
    expectClose(scaled[0], [(36 + 4) / 3, 0], 16 * U);
    expectClose(scaled[1], [-16, 12, 4, 0, 0, 0], 16 * U);
  });

  run('two classes: binary cross-entropy of the difference is cross-entropy', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), seed, (N, s) => {
        const logits = wholes([N, 2], s);
        const labels = [...logits].filter((_, i) => i % 2 === 0).map((v, n) => Math.abs(v + n) % 2);
        const difference = Tensor.from(labels.map((_, n) => logits[2 * n + 1] - logits[2 * n]));
        const binary = binaryCrossEntropyWithLogits(difference, Tensor.from(labels)).item();
        expect(Math.abs(crossEntropy(Tensor.from(logits, [N, 2]), labels).item() - binary)).toBeLessThanOrEqual(
          gamma(8) * (1 + binary),
        );
      }),
      { numRuns: 20 },
    );
  });

  run('huberLoss with a large delta is half the squared error', () => {
    fc.assert(
      fc.property(shapes(), seed, (shape, s) => {
        const x = Tensor.from(wholes(shape, s), shape);
        const target = Tensor.from(wholes(shape, s + 1), shape);
        const options = { reduction: 'sum' } as const;
        expect(2 * huberLoss(x, target, { delta: 100, ...options }).item()).toBe(
          meanSquaredError(x, target, options).item(),
        );
      }),
      { numRuns: 20 },
    );
  });

  run('numbers of 1e4 stay finite', () => {
    const x = Tensor.from([1e4, -1e4]);
    const target = Tensor.from([0, 1]);
    for (const [, loss] of pairLosses) {
      for (const values of both((t) => loss(t, target), x)) expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(binaryCrossEntropyWithLogits(x, target).item()).toBe(1e4);
    expect(binaryCrossEntropyWithLogits(x, Tensor.from([1, 0])).item()).toBe(0);
    expect(multiclassHinge(Tensor.from([[1e4, -1e4]]), [1], { power: 2 }).item()).toBe(Math.fround(20001 ** 2 / 2));
  });

  test.each(pairLosses)('%s: mean, sum and none tell the same', (_loss, loss) => {
    withTable(table, () => {
      const x = Tensor.from(normals([3, 4], 1), [3, 4]);
      const target = Tensor.from(
        normals([3, 4], 2).map((v) => Number(v > 0)),
        [3, 4],
      );
      const each = loss(x, target, { reduction: 'none' });
      expect(each.shape).toEqual([3, 4]);
      const total = each.data.reduce((a, b) => a + b, 0);
      const sum = loss(x, target, { reduction: 'sum' });
      expect(sum.shape).toEqual([]);
      expectClose(sum.data, [total], 2 * U * total);
      expectClose(loss(x, target).data, [total / 12], (2 * U * total) / 12);
    });
  });

  test.each(pairLosses)('%s agrees with the reference, forward and backward', (_loss, loss) => {
    const x = normals([5, 7], 3).map((v) => 3 * v);
    const target = normals([5, 7], 4).map((v) => Math.abs(v) % 1);
    const dLoss = normals([5, 7], 5);
    const [ours, theirs] = [table, tables[0][1]].map((t) =>
      withTable(t, () => {
        const fixed = Tensor.from(target, [5, 7]);
        return both((input) => loss(input, fixed, { reduction: 'none' }), Tensor.from(x, [5, 7]), dLoss);
      }),
    );
    expectClose(ours[0], theirs[0], (i) => gamma(8) * (1 + theirs[0][i]));
    expectClose(ours[1], theirs[1], (i) => gamma(8) * (1 + Math.abs(theirs[1][i])));
  });

  run('multiclassHinge agrees with the reference, forward and backward', () => {
    const x = normals([6, 9], 6);
    const labels = [0, 8, 4, 4, 1, 7];
    for (const power of [1, 2] as const) {
      const [ours, theirs] = [table, tables[0][1]].map((t) =>
        withTable(t, () =>
          both(
            (input) => multiclassHinge(input, labels, { power, reduction: 'none' }),
            Tensor.from(x, [6, 9]),
            x.subarray(0, 6),
          ),
        ),
      );
      // Nine violations below 8 each, squared or not, divided by nine.
      expectClose(ours[0], theirs[0], gamma(16) * 64);
      expectClose(ours[1], theirs[1], gamma(16) * 64);
    }
  });
});

describe('losses', () => {
  // x - target stays away from 0 and from +-1, where l1Loss and huberLoss have kinks.
  const x = { shape: [2, 3], values: [0.3, -0.6, 2.5, -1.7, 0.8, 0.2] };
  const target = { shape: [2, 3], values: [0.1, 0.2, 0.9, 0.3, 0.25, 0.6] };

  test.each(pairLosses.slice(1))('%s: gradients of x and target agree with finite differences', (_loss, loss) => {
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      expectGradients((a, b) => loss(a, b, { reduction }), [x, target]);
    }
  });

  test('huberLoss with another delta: gradients agree with finite differences', () => {
    expectGradients(
      (a, b) => huberLoss(a, b, { delta: 0.4, reduction: 'none' }),
      [
        { shape: [4], values: [0.1, -0.3, 2, -2] },
        { shape: [4], values: [0, 0, 0, 0] },
      ],
    );
  });

  test('binaryCrossEntropyWithLogits: gradients agree with finite differences', () => {
    const options = (): object => ({ positiveWeight: Tensor.from([0.5, 2, 3]) });
    for (const reduction of ['mean', 'none'] as const) {
      const fixed = (): Tensor => Tensor.from(target.values, target.shape);
      expectGradients((a) => binaryCrossEntropyWithLogits(a, fixed(), { reduction }), [x]);
      expectGradients((a) => binaryCrossEntropyWithLogits(a, fixed(), { reduction, ...options() }), [x]);
    }
  });

  test('multiclassHinge: gradients agree with finite differences', () => {
    for (const power of [1, 2] as const) {
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        expectGradients((a) => multiclassHinge(a, [1, 0, 4], { power, margin: 1.3, reduction }), [{ shape: [3, 5] }]);
      }
    }
  });

  test.each(pairLosses)('%s: shapes that differ, and an empty batch, get a sentence', (name, loss) => {
    const call = (): Tensor => loss(Tensor.zeros([3, 1]), Tensor.zeros([3]));
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(`${name}: the target has shape [3], but x has [3, 1]; they must be equal.`);
    expect(() => loss(Tensor.zeros([0, 2]), Tensor.zeros([0, 2]))).toThrow(
      `${name}: x has shape [0, 2]: an empty batch has no loss.`,
    );
    expect(() => loss(Tensor.zeros([1]), Tensor.zeros([1]), { reduction: 'avg' as 'mean' })).toThrow(
      `${name}: reduction is "avg", but must be 'mean', 'sum' or 'none'.`,
    );
  });

  test('options outside their range get a sentence', () => {
    const one = Tensor.zeros([1, 2]);
    expect(() => huberLoss(one, one, { delta: 0 })).toThrow(ArgumentError);
    expect(() => huberLoss(one, one, { delta: 0 })).toThrow('huberLoss: delta is 0, but must be a number > 0.');
    expect(() => multiclassHinge(one, [0], { power: 3 as 2 })).toThrow(
      'multiclassHinge: power is 3, but must be 1 or 2.',
    );
    expect(() => multiclassHinge(one, [0], { margin: Number.NaN })).toThrow(
      'multiclassHinge: margin is NaN, but must be a number.',
    );
    expect(() => multiclassHinge(one, [2])).toThrow(
      'multiclassHinge: labels[0] is 2, but the logits have 2 classes (0 to 1).',
    );
    expect(() => multiclassHinge(Tensor.zeros([0, 2]), [])).toThrow('multiclassHinge: the logits have shape [0, 2]');
    expect(() => binaryCrossEntropyWithLogits(one, one, { positiveWeight: Tensor.ones([3]) })).toThrow(
      'binaryCrossEntropyWithLogits: positiveWeight has shape [3], but x [1, 2] needs [2], one for each class, or [1].',
    );
  });
});
