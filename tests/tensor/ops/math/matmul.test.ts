import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../../../src/base/errors.js';
import type { Shape } from '../../../../src/base/shape.js';
import { matmul } from '../../../../src/tensor/ops/math/matmul.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectGradients } from '../../../../testing/tolerance.js';

const whole = (shape: Shape, of: string): Tensor => Tensor.from(wholes(shape, of), shape);

/** Batch axes of two operands that broadcast, and the size of their matrices. */
const operands = fc
  .record({
    batch: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    keepA: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    keepB: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    dropA: fc.nat(3),
    dropB: fc.nat(3),
    m: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 0, max: 6 }),
    n: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ batch, keepA, keepB, dropA, dropB, m, k, n }) => ({
    a: [...batch.map((size, i) => (keepA[i] ? size : 1)).slice(dropA), m, k],
    b: [...batch.map((size, i) => (keepB[i] ? size : 1)).slice(dropB), k, n],
  }));

/** y[...,i,j] by walking every index of the output: the definition, batch axes included. */
function definition(a: Tensor, b: Tensor, y: Tensor): number[] {
  const at = (t: Tensor, index: readonly number[]): number => {
    let offset = 0;
    t.shape.forEach((size, axis) => {
      offset = offset * size + (size === 1 ? 0 : index[index.length - t.shape.length + axis]);
    });
    return t.data[offset];
  };
  const K = a.shape[a.shape.length - 1];
  return [...y.data.keys()].map((i) => {
    const index: number[] = [];
    for (let axis = y.shape.length - 1, rest = i; axis >= 0; axis--) {
      index.unshift(rest % y.shape[axis]);
      rest = Math.floor(rest / y.shape[axis]);
    }
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += at(a, [...batch, row, k]) * at(b, [...batch, k, column]);
    return sum;
  });
}

describe.each(tables)('matmul, %s', (_, table) => {
  test('two matrices, by hand', () => {
    withTable(table, () => {
      const a = Tensor.from([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const b = Tensor.from([
        [1, 0],
        [2, 1],
        [0, 3],
      ]);
      expect(matmul(a, b).toArray()).toEqual([
        [5, 11],
        [14, 23],
      ]);
    });
  });

  test('vectors are a row on the left and a column on the right', () => {
    withTable(table, () => {
      const v = Tensor.from([1, 2]);
      const a = Tensor.from([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      expect(matmul(v, v).toArray()).toBe(5);
      expect(matmul(a, v).toArray()).toEqual([5, 11, 17]);
      expect(matmul(Tensor.from([1, 1, 2]), a).toArray()).toEqual([14, 18]);
      expect(matmul(whole([4, 5, 3, 2], 'a'), v).shape).toEqual([4, 5, 3]);
      expect(matmul(v, whole([4, 5, 2, 3], 'a')).shape).toEqual([4, 5, 3]);
    });
  });

  test('batch axes broadcast as in NumPy', () => {
    withTable(table, () => {
      fc.assert(
        fc.property(operands, seed, ({ a, b }, number) => {
          const [p, q] = [whole(a, `a${number}`), whole(b, `b${number}`)];
          const y = matmul(p, q);
          expect([...y.data]).toEqual(definition(p, q, y));
        }),
        { numRuns: 200 },
      );
    });
  });

  test('is associative on whole numbers', () => {
    withTable(table, () => {
      const [a, b, c] = [whole([2, 3, 4], 'a'), whole([4, 5], 'b'), whole([2, 5, 6], 'c')];
      expect([...matmul(matmul(a, b), c).data]).toEqual([...matmul(a, matmul(b, c)).data]);
    });
  });

  test('gradients agree with central differences, broadcasting and vectors included', () => {
    withTable(table, () => {
      const check = (a: Shape, b: Shape): void => expectGradients(matmul, [{ shape: a }, { shape: b }]);
      check([3, 4], [4, 5]);
      check([2, 3, 4], [4, 2]);
      check([3, 4], [2, 4, 2]);
      check([2, 1, 3, 2], [3, 2, 4]);
      check([4], [4]);
      check([2, 3, 4], [4]);
      check([3], [2, 3, 4]);
    });
  });

  test('a matrix times itself gets both gradients', () => {
    withTable(table, () => {
      expectGradients((a) => matmul(a, a), [{ shape: [3, 3] }]);
    });
  });

  test('inner axes of 0 give zeros, and gradients without elements', () => {
    withTable(table, () => {
      const [a, b] = [Tensor.zeros([2, 0]), Tensor.zeros([0, 3])];
      const [y, da] = withTape((tape) => {
        const y = matmul(a, b);
        return [y, ...tape.gradient(y, [a])];
      });
      expect(y.toArray()).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(da.shape).toEqual([2, 0]);
    });
  });
});

describe('matmul says', () => {
  test('which axes differ', () => {
    expect(() => matmul(Tensor.zeros([2, 3]), Tensor.zeros([2, 3]))).toThrow(
      new ShapeError(
        'matmul: a [2, 3] has 3 columns, but b [2, 3] has 2 rows. Transpose one of them, or use linear for x w^T.',
      ),
    );
    expect(() => matmul(Tensor.zeros([3]), Tensor.zeros([4]))).toThrow(
      'matmul: a [3] has 3 columns, but b [4] has 4 rows.',
    );
  });

  test('which batch axes do not broadcast', () => {
    expect(() => matmul(Tensor.zeros([2, 3, 4]), Tensor.zeros([3, 4, 5]))).toThrow(
      'matmul: shapes [2] and [3] do not broadcast',
    );
  });

  test('that a scalar is no matrix', () => {
    expect(() => matmul(Tensor.zeros([]), Tensor.zeros([2, 2]))).toThrow(
      new ShapeError('matmul: shapes [] and [2, 2]: a scalar is no matrix. Use mul for a product with a number.'),
    );
  });
});

test('the example of the documentation has the shape it says', () => {
  expect(matmul(Tensor.zeros([8, 1, 3, 4]), Tensor.zeros([5, 4, 2])).shape).toEqual([8, 5, 3, 2]);
});
