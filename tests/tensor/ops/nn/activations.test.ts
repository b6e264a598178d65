import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../../../src/base/errors.js';
import { add } from '../../../../src/tensor/ops/math/add.js';
import { elu } from '../../../../src/tensor/ops/nn/elu.js';
import { gelu } from '../../../../src/tensor/ops/nn/gelu.js';
import { hardSigmoid } from '../../../../src/tensor/ops/nn/hardSigmoid.js';
import { hardSwish } from '../../../../src/tensor/ops/nn/hardSwish.js';
import { leakyRelu } from '../../../../src/tensor/ops/nn/leakyRelu.js';
import { relu } from '../../../../src/tensor/ops/nn/relu.js';
import { relu6 } from '../../../../src/tensor/ops/nn/relu6.js';
import { sigmoid } from '../../../../src/tensor/ops/nn/sigmoid.js';
import { silu } from '../../../../src/tensor/ops/nn/silu.js';
import { tanh } from '../../../../src/tensor/ops/nn/tanh.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, shapes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

type Activation = (x: Tensor) => Tensor;

/** Every activation, where its slope jumps, and how large its slope is at most. */
const activations: [name: string, fn: Activation, kinks: number[], steepest: number][] = [
  ['relu', relu, [0], 1],
  ['relu6', relu6, [0, 6], 1],
  ['leakyRelu', (x) => leakyRelu(x, 0.25), [0], 1],
  ['elu', (x) => elu(x, 1.5), [0], 1.5],
  ['gelu', gelu, [], 1.2],
  ['gelu tanh', (x) => gelu(x, { approximate: 'tanh' }), [], 1.2],
  ['silu', silu, [], 1.2],
  ['hardSwish', hardSwish, [-3, 3], 1.5],
  ['hardSigmoid', hardSigmoid, [-3, 3], 1],
  ['sigmoid', sigmoid, [], 1],
  ['tanh', tanh, [], 1],
];

function values(fn: Activation, x: number[]): number[] {
  return [...fn(Tensor.from(x)).data];
}

/** y and, for dy of `dy`, dx. */
function both(fn: Activation, x: ArrayLike<number>, dy: ArrayLike<number>): [Float32Array, Float32Array] {
  const input = Tensor.from(x);
  return withTape((tape) => {
    const y = fn(input);
    const [dx] = tape.gradient(y, [input], { cotangent: Tensor.from(dy) });
    return [y.data.slice(), dx.data.slice()];
  });
}

describe.each(tables)('activations on the %s kernels', (name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('relu: negative numbers become 0, and their gradient too', () => {
    expect(both(relu, [-2, -1, 0, 1, 2], [10, 20, 30, 40, 50])).toEqual([
      Float32Array.of(0, 0, 0, 1, 2),
      Float32Array.of(0, 0, 0, 40, 50),
    ]);
  });

  run('relu6 has a ceiling of 6, where the gradient stops', () => {
    expect(both(relu6, [-2, 0, 1, 5, 6, 7], [1, 2, 3, 4, 5, 6])).toEqual([
      Float32Array.of(0, 0, 1, 5, 6, 6),
      Float32Array.of(0, 0, 3, 4, 0, 0),
    ]);
  });

  run('leakyRelu lets a share of negative numbers and gradients through', () => {
    expect(both((x) => leakyRelu(x, 0.5), [-4, 0, 3], [2, 4, 6])).toEqual([
      Float32Array.of(-2, 0, 3),
      Float32Array.of(1, 2, 6),
    ]);
    expect(values(leakyRelu, [-100])).toEqual([-1]);
  });

  run('elu bends towards -alpha', () => {
    expect(values(elu, [3, 0, -1e4])).toEqual([3, 0, -1]);
    expect(values((x) => elu(x, 2), [-Math.LN2])).toEqual([-1]);
    expect(both((x) => elu(x, 2), [1, 0], [5, 7])[1]).toEqual(Float32Array.of(5, 14));
  });

  run('elu keeps its digits next to 0', () => {
    expectClose(values(elu, [-1e-12]), [-1e-12], 1e-12 * 4 * U);
  });

  run('hardSigmoid and hardSwish are straight lines', () => {
    expect(both(hardSigmoid, [-4, -3, 0, 3, 4], [6, 6, 6, 6, 6])).toEqual([
      Float32Array.of(0, 0, 0.5, 1, 1),
      Float32Array.of(0, 0, 1, 0, 0),
    ]);
    const [y, dx] = both(hardSwish, [-4, -3, 0, 3, 4], [2, 2, 2, 2, 2]);
    expectClose(y, [0, 0, 0, 3, 4], 0);
    expectClose(dx, [0, -1, 1, 3, 2], 0);
  });

  run('sigmoid, tanh and silu at the points that are known', () => {
    expect(values(sigmoid, [0, -1e4, 1e4])).toEqual([0.5, 0, 1]);
    expectClose(values(sigmoid, [Math.log(3)]), [0.75], 2 * U);
    expect(values(tanh, [0, -1e4, 1e4])).toEqual([0, -1, 1]);
    expectClose(values(silu, [0, -1e4, 1e4]), [0, 0, 1e4], 0);
    expectClose(values(silu, [Math.log(3)]), [0.75 * Math.log(3)], 4 * U);
  });

  run('gelu at the points that are known', () => {
    expectClose(values(gelu, [0, 1, -1, 2, -20, 20]), [0, 0.841344746, -0.158655254, 1.954499736, 0, 20], 2 * U * 2);
  });

  run('the tanh form of gelu is near the exact one, but not it', () => {
    const x = Array.from({ length: 161 }, (_, i) => (i - 80) / 10);
    const exact = values(gelu, x);
    const near = values((t) => gelu(t, { approximate: 'tanh' }), x);
    expectClose(near, exact, 5e-4);
    expect(Math.max(...near.map((v, i) => Math.abs(v - exact[i])))).toBeGreaterThan(1e-4);
  });

  run('relu and relu6 do nothing the second time', () => {
    fc.assert(
      fc.property(shapes(), seed, (shape, s) => {
        const x = Tensor.from(normals(shape, s), shape);
        for (const fn of [relu, relu6]) expect(fn(fn(x)).data).toEqual(fn(x).data);
      }),
      { numRuns: 20 },
    );
  });

  run('sigmoid(-x) = 1 - sigmoid(x), and tanh(x) = 2 sigmoid(2x) - 1', () => {
    const x = normals(100, 1);
    const s = sigmoid(Tensor.from(x)).data;
    expectClose(
      sigmoid(Tensor.from(x.map((v) => -v))).data,
      s.map((v) => 1 - v),
      2 * U,
    );
    expectClose(
      tanh(Tensor.from(x.map((v) => v / 2))).data,
      s.map((v) => 2 * v - 1),
      4 * U,
    );
  });

  run('gelu(x) - gelu(-x) = x', () => {
    const x = normals(100, 2);
    const y = gelu(Tensor.from(x)).data;
    const mirrored = gelu(Tensor.from(x.map((v) => -v))).data;
    expectClose(
      y.map((v, i) => v - mirrored[i]),
      x,
      (i) => 4 * U * Math.abs(x[i]),
    );
  });

  test.each(activations)('%s agrees with the reference, forward and backward', (op, fn, _kinks, steepest) => {
    const special = [0, -0, 3, -3, 6, 1e4, -1e4, 1e-20, -1e-20, 0.03125, -9, 9, Number.NaN];
    const x = [...special, ...normals(500, 3).map((v) => 4 * v)];
    const dy = normals(x.length, 4);
    const [y, dx] = withTable(table, () => both(fn, x, dy));
    const [y0, dx0] = withTable(tables[0][1], () => both(fn, x, dy));
    // The same formula in doubles, rounded once or, where y passes through float32, twice. Phi(-9) = 1e-19 may be taken as 0.
    // In float32 the three roundings of the tanh form's argument 2 u count |2 u| times in the result.
    const argument = (v: number): number => 2 * Math.sqrt(2 / Math.PI) * Math.abs(v + 0.044715 * v ** 3);
    const roundings = (v: number): number => (op === 'gelu tanh' && name === 'simd' ? 4 + 3 * argument(v) : 4);
    // In the reference 1 + tanh(u) cancels: to a double's rounding of 1.
    const slack = op === 'gelu tanh' ? 2 ** -49 : 2e-18;
    expectClose(y, y0, (i) => roundings(x[i]) * U * Math.abs(y0[i]) + slack);
    expectClose(dx, dx0, (i) => 4 * U * steepest * Math.abs(dy[i]));
  });

  test.each(activations)('%s: NaN stays NaN', (_op, fn) => {
    withTable(table, () => expect(values(fn, [1, Number.NaN])[1]).toBeNaN());
  });

  test.each(activations)('%s adds to the gradient that is there', (_op, fn) => {
    withTable(table, () => {
      const x = Tensor.from([-1, 0.5, 2]);
      const [once, twice] = withTape((tape) => {
        const single = tape.gradient(fn(x), [x])[0];
        return [single, tape.gradient(add(fn(x), fn(x)), [x])[0]];
      });
      expectClose(
        twice.data,
        [...once.data].map((v) => 2 * v),
        8 * U,
      );
    });
  });

  test.each(activations)('%s keeps the shape, and takes an empty batch', (_op, fn) => {
    withTable(table, () => {
      expect(fn(Tensor.zeros([2, 3, 1])).shape).toEqual([2, 3, 1]);
      expect(fn(Tensor.zeros([0, 3])).shape).toEqual([0, 3]);
    });
  });
});

describe('activations', () => {
  test('relu and its gradient are the same for infinite numbers on every table', () => {
    for (const fn of [relu, relu6, (x: Tensor) => leakyRelu(x, 0.5)]) {
      const results = tables.map(([, table]) =>
        withTable(table, () => both(fn, [-Infinity, Infinity, -1], [1, 1, -Infinity])),
      );
      for (const result of results) expect(result).toEqual(results[0]);
    }
    expect(both(relu, [-Infinity, -1], [1, Infinity])).toEqual([Float32Array.of(0, 0), Float32Array.of(0, 0)]);
  });

  test.each(activations)('%s: the gradient agrees with finite differences, away from the kinks', (_op, fn, kinks) => {
    const x = [...normals(60, 5)]
      .map((v) => 3 * v)
      .map((v) => (kinks.some((kink) => Math.abs(v - kink) < 0.01) ? v + 0.05 : v));
    expectGradients(fn, [{ shape: [3, 20], values: x }]);
  });

  test('the fast gelu is the definition to 1e-15 in doubles, and so is its gradient', () => {
    const x = Float64Array.from({ length: 3001 }, (_, i) => (i - 1500) / 125 + 1e-3);
    const ones = x.map(() => 1);
    const [y, dx] = tables.slice(0, 2).map(([, table]) => {
      const out = new Float64Array(x.length);
      const slope = new Float64Array(x.length);
      table.gelu(out, x);
      table.geluBackward(slope, ones, x);
      return [out, slope];
    });
    expectClose(y[0], dx[0], (i) => 1e-15 * Math.max(1, Math.abs(x[i])));
    expectClose(y[1], dx[1], 1e-15);
  });

  test('gelu names an approximation that it does not know', () => {
    const call = (): Tensor => gelu(Tensor.zeros([1]), { approximate: 'erf' as 'tanh' });
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(`gelu: approximate is "erf", but must be 'none' or 'tanh'.`);
  });
});
