import { describe, expect, it } from 'vitest';
import { abs } from '../../../../src/tensor/ops/math/abs.js';
import { exp } from '../../../../src/tensor/ops/math/exp.js';
import { log } from '../../../../src/tensor/ops/math/log.js';
import { neg } from '../../../../src/tensor/ops/math/neg.js';
import { sqrt } from '../../../../src/tensor/ops/math/sqrt.js';
import { square } from '../../../../src/tensor/ops/math/square.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

const ops: [string, (x: Tensor) => Tensor, (x: number) => number][] = [
  ['neg', neg, (x) => -x],
  ['exp', exp, Math.exp],
  ['log', log, Math.log],
  ['sqrt', sqrt, Math.sqrt],
  ['abs', abs, Math.abs],
  ['square', square, (x) => x * x],
];

describe.each(tables)('elementwise functions with the %s kernels', (tableName, table) => {
  /** Half an ulp, which is at most u |y|; the polynomials of the vector kernels are within 1.1 ulp. */
  const roundings = (op: string): number => (tableName === 'simd' && (op === 'exp' || op === 'log') ? 2.2 : 1);

  it('compute small examples', () => {
    withTable(table, () => {
      expect(neg(Tensor.from([1, -2])).toArray()).toEqual([-1, 2]);
      expect(exp(Tensor.from([0])).toArray()).toEqual([1]);
      expect(log(Tensor.from([1, 0])).toArray()).toEqual([0, Number.NEGATIVE_INFINITY]);
      expect(sqrt(Tensor.from([0, 4, 9])).toArray()).toEqual([0, 2, 3]);
      expect(abs(Tensor.from([-3, 0, 3])).toArray()).toEqual([3, 0, 3]);
      expect(square(Tensor.from([-3, 2])).toArray()).toEqual([9, 4]);
    });
  });

  it.each(ops)('%s rounds the exact value, in any shape, also a scalar and an empty one', (name, op, exact) => {
    for (const shape of [[], [0, 3], [7], [2, 3, 5]]) {
      const x = Tensor.from(
        normals(shape, 3).map((v) => Math.abs(v) + 0.1),
        shape,
      );
      const y = withTable(table, () => op(x));
      expect(y.shape).toEqual(shape);
      const expected = Array.from(x.data, exact);
      expectClose(y.data, expected, (i) => roundings(name) * U * Math.abs(expected[i]));
    }
  });

  it.each(ops)('%s has the right gradient', (_name, op) => {
    withTable(table, () => expectGradients(op, [{ shape: [2, 4], values: [0.5, 1, 1.5, 2, 0.25, 3, 0.75, 1.25] }]));
  });

  it('adds to a gradient that other uses have begun', () => {
    const x = Tensor.from([1, 4]);
    const uses = [neg, exp, log, sqrt, abs, square];
    const slopes = (v: number): number => -1 + Math.exp(v) + 1 / v + 0.5 / Math.sqrt(v) + 1 + 2 * v;
    const dx = new Float64Array(2);
    withTable(table, () =>
      withTape((tape) => {
        const ys = uses.map((op) => op(x));
        for (const y of ys) for (const [i, v] of tape.gradient(y, [x])[0].data.entries()) dx[i] += v;
      }),
    );
    expectClose(dx, [slopes(1), slopes(4)], 1e-5);
    for (const kernel of ['expBackward', 'logBackward', 'sqrtBackward', 'absBackward'] as const) {
      const begun = Float32Array.of(10);
      table[kernel](begun, Float32Array.of(1), Float32Array.of(1));
      expect(begun[0], kernel).toBe(kernel === 'sqrtBackward' ? 10.5 : 11);
    }
    const begun = Float32Array.of(10, 20);
    table.scaleBackward(begun, Float32Array.of(1, 2), 3);
    table.accumulate(begun, Float32Array.of(1, 2));
    expect([...begun]).toEqual([14, 28]);
  });

  it('gives abs the gradient 0 at 0', () => {
    const x = Tensor.from([-2, 0, 2]);
    expect(withTable(table, () => withTape((tape) => tape.gradient(abs(x), [x])[0].toArray()))).toEqual([-1, 0, 1]);
  });
});
