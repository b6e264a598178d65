import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../../../src/base/errors.js';
import { type Shape, sizeOf } from '../../../../src/base/shape.js';
import { matmul } from '../../../../src/tensor/ops/math/matmul.js';
import { linear } from '../../../../src/tensor/ops/nn/linear.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectGradients } from '../../../../testing/tolerance.js';

const whole = (shape: Shape, of: string): Tensor => Tensor.from(wholes(shape, of), shape);

describe.each(tables)('linear, %s', (_, table) => {
  test('two rows, three features, two outputs, by hand', () => {
    withTable(table, () => {
      const x = Tensor.from([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const w = Tensor.from([
        [1, 0, 0],
        [1, 1, 1],
      ]);
      expect(linear(x, w, Tensor.from([10, 20])).toArray()).toEqual([
        [11, 26],
        [14, 35],
      ]);
      expect(linear(x, w, null).toArray()).toEqual([
        [1, 6],
        [4, 15],
      ]);
    });
  });

  test('takes x of any number of axes, a single row included', () => {
    withTable(table, () => {
      const w = whole([5, 3], 'w');
      expect(linear(whole([3], 'x'), w, null).shape).toEqual([5]);
      expect(linear(whole([2, 4, 3], 'x'), w, null).shape).toEqual([2, 4, 5]);
      expect(linear(whole([0, 3], 'x'), w, null).shape).toEqual([0, 5]);
    });
  });

  test('is x times the transpose of w, plus b', () => {
    withTable(table, () => {
      const size = fc.integer({ min: 0, max: 9 });
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
          size,
          size,
          seed,
          (outer, I, O, number) => {
            const [x, w, b] = [
              whole([...outer, I], `x${number}`),
              whole([O, I], `w${number}`),
              whole([O], `b${number}`),
            ];
            const transposed = new Array<number>(I * O);
            for (let o = 0; o < O; o++) for (let i = 0; i < I; i++) transposed[i * O + o] = w.data[o * I + i];
            const product = matmul(Tensor.from(x.data, [sizeOf(outer), I]), Tensor.from(transposed, [I, O])).data;
            expect([...linear(x, w, b).data]).toEqual([...product].map((v, i) => v + b.data[i % O]));
          },
        ),
      );
    });
  });

  test('gradients of x, w and b agree with central differences', () => {
    withTable(table, () => {
      for (const x of [[4, 5], [5], [2, 3, 5], [7, 5]]) {
        expectGradients(linear, [{ shape: x }, { shape: [6, 5] }, { shape: [6] }]);
        expectGradients((x, w) => linear(x, w, null), [{ shape: x }, { shape: [2, 5] }]);
      }
    });
  });

  test('an empty batch leaves gradients of zeros', () => {
    withTable(table, () => {
      const [w, b] = [whole([2, 3], 'w'), whole([2], 'b')];
      const [dw, db] = withTape((tape) => tape.gradient(linear(Tensor.zeros([0, 3]), w, b), [w, b]));
      expect([...dw.data, ...db.data]).toEqual(new Array(8).fill(0));
    });
  });
});

describe('linear says', () => {
  const w = Tensor.zeros([10, 64]);

  test('which features do not fit', () => {
    expect(() => linear(Tensor.zeros([8, 63]), w, null)).toThrow(
      new ShapeError(
        'linear: x [8, 63] ends in 63 features, but w [10, 64] needs 64. Pass inFeatures=63, or flatten x.',
      ),
    );
    expect(() => linear(Tensor.zeros([]), w, null)).toThrow(
      new ShapeError('linear: x is a scalar, but needs a last axis of 64, as w [10, 64] has.'),
    );
    expect(() => linear(Tensor.zeros([8, 64]), Tensor.zeros([64]), null)).toThrow(
      new ShapeError('linear: w has shape [64], but needs 2 axes, [O, I].'),
    );
    expect(() => linear(Tensor.zeros([8, 64]), w, Tensor.zeros([64]))).toThrow(
      new ShapeError('linear: b has shape [64], but needs [10], one for each output channel.'),
    );
  });
});
