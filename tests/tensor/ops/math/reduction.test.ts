import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { sizeOf, stridesOf } from '../../../../src/base/shape.js';
import { argmax } from '../../../../src/tensor/ops/math/argmax.js';
import { max, min } from '../../../../src/tensor/ops/math/max.js';
import { mean } from '../../../../src/tensor/ops/math/mean.js';
import { reduceGeometry } from '../../../../src/tensor/ops/math/reduction.js';
import { sum } from '../../../../src/tensor/ops/math/sum.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

/** A shape with axes of 0 to 9 (wide enough for the four-column loop and its rest) and some of its axes. */
const reductions = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { maxLength: 4 })
  .map((axes) => [axes.map(([n]) => n), axes.flatMap(([, chosen], i) => (chosen ? [i] : []))] as [number[], number[]]);

/** For each element of x the element of the reduced output that it belongs to. */
function outputOf(i: number, shape: number[], axes: number[]): number {
  const strides = stridesOf(shape);
  let o = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (!axes.includes(axis)) o = o * shape[axis] + (Math.floor(i / strides[axis]) % shape[axis]);
  }
  return o;
}

describe.each(tables)('reductions with the %s kernels', (_, table) => {
  const on = <T>(fn: () => T): T => withTable(table, fn);
  const x = Tensor.from([
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [
      [7, 8],
      [9, 10],
      [11, 0],
    ],
  ]);

  it('sums, averages and finds extremes over all axes, one, or several', () => {
    expect(on(() => sum(x)).toArray()).toBe(66);
    expect(on(() => sum(x, 0)).toArray()).toEqual([
      [8, 10],
      [12, 14],
      [16, 6],
    ]);
    expect(on(() => sum(x, 1)).toArray()).toEqual([
      [9, 12],
      [27, 18],
    ]);
    expect(on(() => sum(x, -1)).toArray()).toEqual([
      [3, 7, 11],
      [15, 19, 11],
    ]);
    expect(on(() => sum(x, [0, 2])).toArray()).toEqual([18, 26, 22]);
    expect(on(() => sum(x, [2, 0], { keepDims: true })).toArray()).toEqual([[[18], [26], [22]]]);
    expect(on(() => sum(x, [])).toArray()).toEqual(x.toArray());
    expect(on(() => mean(x)).item()).toBe(5.5);
    expect(on(() => mean(x, 1)).toArray()).toEqual([
      [3, 4],
      [9, 6],
    ]);
    expect(on(() => max(x)).item()).toBe(11);
    expect(on(() => max(x, 1)).toArray()).toEqual([
      [5, 6],
      [11, 10],
    ]);
    expect(on(() => min(x, [1, 2])).toArray()).toEqual([1, 0]);
    expect(on(() => sum(x, undefined, { keepDims: true })).shape).toEqual([1, 1, 1]);
  });

  it('agrees with adding up one by one in doubles, for any shape and axes, also of length 0 and 1', () => {
    fc.assert(
      fc.property(reductions, seed, ([shape, axes], s) => {
        const t = Tensor.from(normals(shape, s), shape);
        const total = on(() => sum(t, axes));
        const largest = axes.every((axis) => shape[axis] > 0) ? on(() => max(t, axes)) : null;
        const sums = new Float64Array(total.size);
        const maxima = new Float32Array(total.size).fill(Number.NEGATIVE_INFINITY);
        for (let i = 0; i < t.size; i++) {
          const o = outputOf(i, shape, axes);
          sums[o] += t.data[i];
          maxima[o] = Math.max(maxima[o], t.data[i]);
        }
        // One rounding to float32; the doubles' own error is far below it, but for sums that cancel to nothing.
        expectClose(total.data, sums, (o) => U * Math.abs(sums[o]) + 1e-12, 'sum');
        if (largest !== null) expect(largest.data).toEqual(maxima);
      }),
      { numRuns: 150 },
    );
  });

  it('accumulates in doubles: 1e8 does not swallow the ones around it', () => {
    for (const shape of [[5], [5, 1], [1, 5]]) {
      const t = Tensor.from([1, 1e8, 1, 1, -1e8], shape);
      expect(on(() => sum(t)).item()).toBe(3);
    }
    const rows = Tensor.from([1, 1, 1e8, 1e8, 1, 1, -1e8, -1e8], [4, 2]);
    expect(on(() => sum(rows, 0)).toArray()).toEqual([2, 2]);
  });

  it('gives an empty sum 0, an empty mean NaN, and lets NaN win a maximum', () => {
    expect(on(() => sum(Tensor.zeros([2, 0]), 1)).toArray()).toEqual([0, 0]);
    expect(on(() => mean(Tensor.zeros([0]))).item()).toBeNaN();
    for (const row of [
      [1, Number.NaN, 2],
      [Number.NaN, 1, 2],
      [1, 2, Number.NaN],
    ]) {
      expect(on(() => max(Tensor.from(row))).item()).toBeNaN();
    }
    expect(on(() => max(Tensor.from([Number.NEGATIVE_INFINITY]))).item()).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is adjoint to spreading: <sum(x), v> = <x, gradient(v)>, exactly for whole numbers', () => {
    fc.assert(
      fc.property(reductions, seed, ([shape, axes], s) => {
        const t = Tensor.from(wholes(shape, s), shape);
        const [left, right] = on(() =>
          withTape((tape) => {
            const y = sum(t, axes);
            const v = Tensor.from(wholes(y.shape, `${s}v`), y.shape);
            const [dx] = tape.gradient(y, [t], { cotangent: v });
            return [dot(y.data, v.data), dot(t.data, dx.data)];
          }),
        );
        expect(left).toBe(right);
      }),
      { numRuns: 80 },
    );
  });

  it('adds to gradients what the reference adds', () => {
    fc.assert(
      fc.property(reductions, seed, ([shape, axes], s) => {
        if (axes.some((axis) => shape[axis] === 0)) return;
        const g = reduceGeometry(shape, axes, 0.5);
        // Few different values, so that maxima are shared.
        const t = wholes(shape, s, 1);
        const y = new Float32Array(sizeOf(shape) / g.count || 0);
        table.max(y, t, g);
        const dy = wholes(y.length, `${s}y`).map((v) => v * 2520);
        const begun = wholes(shape, `${s}d`);
        for (const run of [
          (k: typeof table, dx: Float32Array) => k.sumBackward(dx, dy, g),
          (k: typeof table, dx: Float32Array) => k.maxBackward(dx, dy, t, y, g),
        ]) {
          const expected = begun.slice();
          run(tables[0][1], expected);
          const actual = begun.slice();
          run(table, actual);
          // A share of 2520 is rounded where there are eleven ties or more, the sum with what was there once more.
          expectClose(actual, expected, (i) => 2 * U * (Math.abs(expected[i]) + 5040));
        }
      }),
      { numRuns: 80 },
    );
  });

  it('shares the gradient of a maximum evenly among those that reach it', () => {
    const t = Tensor.from([
      [3, 1, 3],
      [0, 5, 2],
    ]);
    const [dx] = on(() => withTape((tape) => tape.gradient(max(t, 1), [t], { cotangent: Tensor.from([4, 7]) })));
    expect(dx.toArray()).toEqual([
      [2, 0, 2],
      [0, 7, 0],
    ]);
    const [dmin] = on(() => withTape((tape) => tape.gradient(min(t), [t])));
    expect(dmin.toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
  });

  it('has the right gradients', () => {
    for (const axes of [undefined, 0, 1, 2, [0, 2], [1, 2], []]) {
      on(() => expectGradients((t) => sum(t, axes), [{ shape: [2, 3, 5] }]));
      on(() => expectGradients((t) => mean(t, axes, { keepDims: true }), [{ shape: [2, 3, 5] }]));
      on(() => expectGradients((t) => max(t, axes), [{ shape: [2, 3, 5] }]));
      on(() => expectGradients((t) => min(t, axes), [{ shape: [2, 3, 5] }]));
    }
  });
});

describe('argmax', () => {
  it('finds the place of the largest along the last axis, or any other', () => {
    const x = Tensor.from([
      [1, 5, 2],
      [9, 0, 3],
    ]);
    expect(argmax(x)).toEqual(Int32Array.of(1, 0));
    expect(argmax(x, 0)).toEqual(Int32Array.of(1, 0, 1));
    expect(argmax(Tensor.zeros([0, 3]))).toEqual(new Int32Array(0));
  });

  it('takes the first of equals, and a NaN before everything', () => {
    expect(argmax(Tensor.from([2, 7, 7]))).toEqual(Int32Array.of(1));
    expect(argmax(Tensor.from([2, Number.NaN, 7, Number.NaN]))).toEqual(Int32Array.of(1));
  });

  it('points at the maximum for any shape and axis', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), seed, (shape, s) => {
        const x = Tensor.from(normals(shape, s), shape);
        const axis = s % shape.length;
        const places = argmax(x, axis);
        const largest = max(x, axis);
        const inner = sizeOf(shape.slice(axis + 1));
        places.forEach((k, o) => {
          const at = (Math.floor(o / inner) * shape[axis] + k) * inner + (o % inner);
          expect(x.data[at]).toBe(largest.data[o]);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('reductions', () => {
  it('name the axis that is missing, repeated or empty', () => {
    const x = Tensor.zeros([2, 0, 3]);
    expect(() => sum(x, 3)).toThrow('sum: axis 3 is not an axis of a tensor with 3 axes; use -3 to 2.');
    expect(() => mean(x, [0, -3])).toThrow(ArgumentError);
    expect(() => mean(x, [0, -3])).toThrow('mean: axes [0, -3] name an axis of [2, 0, 3] twice.');
    expect(() => max(x)).toThrow('max: axis 1 of x [2, 0, 3] is empty; it needs a value.');
    expect(() => min(x, 1)).toThrow('min: axis 1 of x [2, 0, 3] is empty; it needs a value.');
    expect(() => argmax(x, 1)).toThrow(ShapeError);
  });
});

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
