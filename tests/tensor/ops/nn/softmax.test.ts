import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../../../src/base/errors.js';
import { logSoftmax } from '../../../../src/tensor/ops/nn/logSoftmax.js';
import { softmax } from '../../../../src/tensor/ops/nn/softmax.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, shapes, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, gamma, U } from '../../../../testing/tolerance.js';

/** A shape, one of its axes, and a seed. */
const cases = fc
  .tuple(shapes(), seed)
  .chain(([shape, s]) => fc.tuple(fc.constant(shape), fc.integer({ min: 0, max: shape.length - 1 }), fc.constant(s)));

describe.each(tables)('softmax on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('softmax by hand: weights 1, 1, 2 become a quarter, a quarter and a half', () => {
    const y = softmax(Tensor.from([[0, 0, Math.LN2]]));
    expectClose(y.data, [0.25, 0.25, 0.5], 2 * U);
    expectClose(logSoftmax(Tensor.from([[0, 0, Math.LN2]])).data, [-Math.log(4), -Math.log(4), -Math.LN2], 4 * U);
  });

  run('the gradient by hand: y = 1/2, 1/2 and dy = 4, 0 give 1, -1', () => {
    withTape((tape) => {
      const x = Tensor.from([7, 7]);
      const options = { cotangent: Tensor.from([4, 0]) };
      expect(tape.gradient(softmax(x), [x], options)[0].toArray()).toEqual([1, -1]);
      expect(tape.gradient(logSoftmax(x), [x], options)[0].toArray()).toEqual([2, -2]);
    });
  });

  run('any axis can be chosen, also from the end', () => {
    const x = Tensor.from([
      [3, 5],
      [3, 5],
    ]);
    expect(softmax(x, 0).toArray()).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    expect(softmax(x, -2).data).toEqual(softmax(x, 0).data);
    expect(softmax(x, 1).data).toEqual(softmax(x).data);
    expect(softmax(x, 1).data[0]).toBeLessThan(0.2);
  });

  run('each line along the axis is positive and sums to 1', () => {
    fc.assert(
      fc.property(cases, ([shape, axis, s]) => {
        const y = softmax(Tensor.from(normals(shape, s), shape), axis);
        const K = shape[axis];
        const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        const sums = new Array<number>(y.size / K).fill(0);
        y.data.forEach((v, i) => {
          expect(v).toBeGreaterThan(0);
          sums[Math.floor(i / (K * inner)) * inner + (i % inner)] += v;
        });
        expectClose(
          sums,
          sums.map(() => 1),
          gamma(K + 8),
        );
      }),
      { numRuns: 30 },
    );
  });

  run('softmax(x + c) = softmax(x), to the bit where x + c is exact', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: -1e6, max: 1e6 }), ([shape, axis, s], c) => {
        const x = wholes(shape, s);
        const shifted = Tensor.from(
          x.map((v) => v + c),
          shape,
        );
        for (const fn of [softmax, logSoftmax]) {
          expect(fn(shifted, axis).data).toEqual(fn(Tensor.from(x, shape), axis).data);
        }
      }),
      { numRuns: 30 },
    );
  });

  run('logSoftmax = log(softmax)', () => {
    fc.assert(
      fc.property(cases, ([shape, axis, s]) => {
        const x = Tensor.from(normals(shape, s), shape);
        const y = softmax(x, axis).data;
        const expected = [...y].map(Math.log);
        expectClose(logSoftmax(x, axis).data, expected, (i) => gamma(shape[axis] + 16) * (1 + Math.abs(expected[i])));
      }),
      { numRuns: 30 },
    );
  });

  run('numbers of 1e4 stay finite', () => {
    const x = Tensor.from([1e4, -1e4, 1e4]);
    expect(softmax(x).toArray()).toEqual([0.5, 0, 0.5]);
    expectClose(logSoftmax(x).data, [-Math.LN2, -2e4 - Math.LN2, -Math.LN2], (i) => U * [1, 2e4, 1][i]);
  });

  run('an axis of one, an empty batch, and an empty axis', () => {
    expect(softmax(Tensor.from([[5], [-5]])).toArray()).toEqual([[1], [1]]);
    expect(softmax(Tensor.zeros([0, 4])).shape).toEqual([0, 4]);
    expect(logSoftmax(Tensor.zeros([4, 0])).shape).toEqual([4, 0]);
  });

  run('forward and backward agree with the reference', () => {
    fc.assert(
      fc.property(cases, ([shape, axis, s]) => {
        const x = normals(shape, s);
        const dy = normals(shape, s + 1);
        const K = shape[axis];
        for (const fn of [softmax, logSoftmax]) {
          const [[y, dx], [y0, dx0]] = [table, tables[0][1]].map((t) =>
            withTable(t, () => {
              const input = Tensor.from(x, shape);
              return withTape((tape) => {
                const out = fn(input, axis);
                const [d] = tape.gradient(out, [input], { cotangent: Tensor.from(dy, shape) });
                return [out.data.slice(), d.data.slice()];
              });
            }),
          );
          // x - max is at most 10 here, and its rounding multiplies into the exponential.
          const largest = Math.max(...dy.map(Math.abs));
          expectClose(y, y0, (i) => gamma(K + 16) * (fn === softmax ? y0[i] : 1 + Math.abs(y0[i])));
          expectClose(dx, dx0, gamma(2 * K + 32) * (K + 1) * largest);
        }
      }),
      { numRuns: 20 },
    );
  });

  run('an axis that is not there gets a sentence', () => {
    expect(() => softmax(Tensor.zeros([2, 3]), 2)).toThrow(ShapeError);
    expect(() => softmax(Tensor.zeros([2, 3]), 2)).toThrow(
      'softmax: axis 2 is not an axis of a tensor with 2 axes; use -2 to 1.',
    );
    expect(() => logSoftmax(Tensor.zeros([2, 3]), -3)).toThrow('logSoftmax: axis -3 is not an axis');
  });
});

describe('softmax', () => {
  test.each([0, 1, 2])('the gradients along axis %i agree with finite differences', (axis) => {
    expectGradients((x) => softmax(x, axis), [{ shape: [3, 4, 2] }]);
    expectGradients((x) => logSoftmax(x, axis), [{ shape: [3, 4, 2] }]);
  });
});
