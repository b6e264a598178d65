import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marginLoss } from '../../../../src/tensor/ops/loss/marginLoss.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed } from '../../../../testing/arbitraries.js';
import { expectClose, expectGradients, gamma } from '../../../../testing/tolerance.js';

describe('marginLoss', () => {
  it('is 0 for capsules as they should be, and squares what is missing', () => {
    expect(marginLoss(Tensor.from([[0.95, 0.05, 0]]), [0]).item()).toBe(0);
    expect(marginLoss(Tensor.from([[0, 0]]), [0], { present: 2, absent: 0 }).item()).toBe(4);
    expect(marginLoss(Tensor.from([[3, 3]]), [0], { present: 2, absent: 1, absentWeight: 0.5 }).item()).toBe(2);
    expect(marginLoss(Tensor.from([[0, 3]]), [0], { present: 2, absent: 1, absentWeight: 0.5 }).item()).toBe(6);
  });

  it('is the formula, image by image', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), seed, (n, k, s) => {
        const x = normals([n, k], s);
        const labels = Array.from({ length: n }, (_, i) => (s + i) % k);
        const want = labels.map((label, i) => {
          let loss = 0;
          for (let j = 0; j < k; j++) {
            const v = x[i * k + j];
            loss += j === label ? Math.max(0, 0.9 - v) ** 2 : 0.5 * Math.max(0, v - 0.1) ** 2;
          }
          return loss;
        });
        const t = Tensor.from(x, [n, k]);
        const each = marginLoss(t, labels, { reduction: 'none' });
        // Differences of numbers below 8 are rounded before they are squared.
        expectClose(each.data, want, gamma(4 * k + 8) * 100 * k);
        const total = want.reduce((a, b) => a + b, 0);
        expectClose(marginLoss(t, labels, { reduction: 'sum' }).data, [total], gamma(4 * k + 8) * 100 * k * n);
      }),
    );
  });

  it('has the gradient of finite differences', () => {
    expectGradients(
      (x) => marginLoss(x, [2, 0, 1], { reduction: 'none' }),
      [{ values: normals([3, 4], 5), shape: [3, 4] }],
    );
  });

  it('says what is wrong', () => {
    const x = Tensor.zeros([2, 3]);
    expect(() => marginLoss(x, [0, 3])).toThrow('marginLoss: labels[1] is 3, but the logits have 3 classes (0 to 2).');
    expect(() => marginLoss(x, [0, 1], { present: Number.NaN })).toThrow(
      'marginLoss: present is NaN, but must be a number.',
    );
    expect(() => marginLoss(Tensor.zeros([0, 3]), [])).toThrow('an empty batch has no loss');
  });
});
