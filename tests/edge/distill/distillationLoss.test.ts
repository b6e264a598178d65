import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distillationLoss } from '../../../src/edge/index.js';
import { crossEntropy, Parameter, Tensor, withTape } from '../../../src/index.js';

const softmax = (row: number[]): number[] => {
  const e = row.map(Math.exp);
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / total);
};

describe('distillationLoss', () => {
  it('is the formula of Hinton et al., computed by hand', () => {
    const [s, t, T, alpha] = [[1, 2, 0], [0, 3, -1], 2, 0.7];
    const p = softmax(t.map((v) => v / T));
    const q = softmax(s.map((v) => v / T));
    const divergence = p.reduce((sum, v, k) => sum + v * Math.log(v / q[k]), 0);
    const expected = alpha * T * T * divergence - (1 - alpha) * Math.log(softmax(s)[1]);
    const loss = distillationLoss(Tensor.from([s]), Tensor.from([t]), [1], { temperature: T, alpha });
    expect(loss.item()).toBeCloseTo(expected, 5);
  });

  it('is zero for a student that answers as its teacher, and above zero for any other', () => {
    const logits = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(logits, logits, fc.double({ min: 0.5, max: 10, noNaN: true }), (a, b, temperature) => {
        const [x, y] = [Tensor.from(a, [2, 3]), Tensor.from(b, [2, 3])];
        expect(distillationLoss(x, x, [0, 1], { temperature, alpha: 1 }).item()).toBeCloseTo(0, 3);
        expect(distillationLoss(x, y, [0, 1], { temperature, alpha: 1 }).item()).toBeGreaterThan(-1e-3);
      }),
      { numRuns: 30 },
    );
  });

  it('is the cross-entropy of the labels with alpha 0', () => {
    const x = Tensor.from([[1, 2, 4]]);
    expect(distillationLoss(x, Tensor.zeros([1, 3]), [2], { alpha: 0 }).item()).toBe(crossEntropy(x, [2]).item());
  });

  it('gives the student a gradient and the teacher none', () => {
    const student = new Parameter([1, 0, 0], [1, 3]);
    const teacher = new Parameter([0, 0, 5], [1, 3]);
    withTape((tape) => tape.backward(distillationLoss(student, teacher, [2])));
    expect(student.grad?.data[2]).toBeLessThan(0);
    expect(teacher.grad ?? null).toBeNull();
  });

  it('refuses settings and shapes that make no sense', () => {
    const x = Tensor.zeros([1, 3]);
    expect(() => distillationLoss(x, x, [0], { temperature: 0 })).toThrow(
      'distillationLoss: temperature is 0, but must be > 0.',
    );
    expect(() => distillationLoss(x, x, [0], { alpha: 2 })).toThrow('alpha is 2');
    expect(() => distillationLoss(x, Tensor.zeros([1, 4]), [0])).toThrow(
      'the student gives logits [1, 3], but the teacher [1, 4]. Both need the same classes.',
    );
  });
});
