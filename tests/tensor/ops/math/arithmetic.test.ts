import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { broadcastShapes, type Shape, sizeOf, stridesOf } from '../../../../src/base/shape.js';
import type { Kernels } from '../../../../src/kernels/tables.js';
import { add } from '../../../../src/tensor/ops/math/add.js';
import { broadcastGeometry } from '../../../../src/tensor/ops/math/broadcast.js';
import { div } from '../../../../src/tensor/ops/math/div.js';
import { mul } from '../../../../src/tensor/ops/math/mul.js';
import { pow } from '../../../../src/tensor/ops/math/pow.js';
import { square } from '../../../../src/tensor/ops/math/square.js';
import { sub } from '../../../../src/tensor/ops/math/sub.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, gamma, U } from '../../../../testing/tolerance.js';

type Op = (a: Tensor | number, b: Tensor | number) => Tensor;
const ops: [string, Op, (a: number, b: number) => number][] = [
  ['add', add, (a, b) => a + b],
  ['sub', sub, (a, b) => a - b],
  ['mul', mul, (a, b) => a * b],
  ['div', div, (a, b) => a / b],
  ['pow', pow, (a, b) => a ** b],
];

/** Two shapes that broadcast: drawn from one output, some axes of each made 1, some leading ones dropped. Axes of 0 too. */
const broadcastPair = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom('both', 'a', 'b', 'one')), { maxLength: 5 })
  .chain((axes) =>
    fc.tuple(fc.constant(axes), fc.integer({ min: 0, max: axes.length }), fc.constantFrom<'a' | 'b'>('a', 'b')),
  )
  .map(([axes, dropped, side]) => {
    const a = axes.map(([n, kind]) => (kind === 'a' || kind === 'one' ? 1 : n));
    const b = axes.map(([n, kind]) => (kind === 'b' || kind === 'one' ? 1 : n));
    return (side === 'a' ? [a.slice(dropped), b] : [a, b.slice(dropped)]) as [number[], number[]];
  });

/** The element of an operand that output element i meets: the definition of broadcasting, axis by axis. */
function sourceOf(i: number, y: Shape, x: Shape): number {
  const yStrides = stridesOf(y);
  const xStrides = stridesOf(x);
  let source = 0;
  for (let axis = 0; axis < y.length; axis++) {
    const index = Math.floor(i / yStrides[axis]) % y[axis];
    const own = axis - (y.length - x.length);
    if (own >= 0 && x[own] !== 1) source += index * xStrides[own];
  }
  return source;
}

describe.each(tables)('arithmetic with the %s kernels', (tableName, table) => {
  const on = <T>(fn: () => T): T => withTable(table, fn);

  it('adds, subtracts, multiplies, divides and raises element by element', () => {
    const a = Tensor.from([1, 2, 3, 4], [2, 2]);
    const b = Tensor.from([4, 2, 1, 2], [2, 2]);
    expect(on(() => add(a, b)).toArray()).toEqual([
      [5, 4],
      [4, 6],
    ]);
    expect(on(() => sub(a, b)).toArray()).toEqual([
      [-3, 0],
      [2, 2],
    ]);
    expect(on(() => mul(a, b)).toArray()).toEqual([
      [4, 4],
      [3, 8],
    ]);
    expect(on(() => div(a, b)).toArray()).toEqual([
      [0.25, 1],
      [3, 2],
    ]);
    expect(on(() => pow(a, b)).toArray()).toEqual([
      [1, 4],
      [3, 16],
    ]);
    expect(on(() => square(a)).toArray()).toEqual([
      [1, 4],
      [9, 16],
    ]);
  });

  it('stretches a row over the rows of a matrix, a column over its columns, and a number over everything', () => {
    const a = Tensor.from([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(on(() => add(a, Tensor.from([10, 20, 30]))).toArray()).toEqual([
      [11, 22, 33],
      [14, 25, 36],
    ]);
    expect(on(() => sub(a, Tensor.from([[1], [4]]))).toArray()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(on(() => mul(Tensor.from([[1], [2]]), Tensor.from([3, 4]))).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(on(() => div(12, a)).toArray()).toEqual([
      [12, 6, 4],
      [3, expect.closeTo(2.4, 6), 2],
    ]);
    expect(on(() => pow(a, 2)).toArray()).toEqual([
      [1, 4, 9],
      [16, 25, 36],
    ]);
    expect(on(() => sub(1, Tensor.from(3))).item()).toBe(-2);
  });

  it.each(ops)('%s with broadcasting equals expanding by hand', (name, op, scalar) => {
    fc.assert(
      fc.property(broadcastPair, seed, ([shapeA, shapeB], s) => {
        const a = Tensor.from(normals(shapeA, s).map(Math.abs), shapeA);
        const b = Tensor.from(normals(shapeB, `${s}b`), shapeB);
        const y = on(() => op(a, b));
        expect(y.shape).toEqual(broadcastShapes('test', shapeA, shapeB));
        const expected = Float32Array.from({ length: y.size }, (_v, i) =>
          scalar(a.data[sourceOf(i, y.shape, shapeA)], b.data[sourceOf(i, y.shape, shapeB)]),
        );
        // The vector kernels' powers are within 0.501 ulp of the exact ones: a tie may round to the other side.
        const bound = name === 'pow' && tableName === 'simd' ? 2 * U : 0;
        expectClose(y.data, expected, (i) => bound * Math.abs(expected[i]) + bound * 2 ** -126);
      }),
      { numRuns: 60 },
    );
  });

  it('adds and multiplies commutatively, to the last bit', () => {
    fc.assert(
      fc.property(broadcastPair, seed, ([shapeA, shapeB], s) => {
        const a = Tensor.from(normals(shapeA, s), shapeA);
        const b = Tensor.from(normals(shapeB, `${s}b`), shapeB);
        expect(on(() => add(a, b)).data).toEqual(on(() => add(b, a)).data);
        expect(on(() => mul(a, b)).data).toEqual(on(() => mul(b, a)).data);
      }),
      { numRuns: 60 },
    );
  });

  it('adds to gradients exactly what the reference adds, for whole numbers', () => {
    fc.assert(
      fc.property(broadcastPair, seed, fc.constantFrom<'a' | 'b'>('a', 'b'), ([shapeA, shapeB], s, side) => {
        const y = broadcastShapes('test', shapeA, shapeB);
        const g = broadcastGeometry(y, shapeA, shapeB);
        const dy = wholes(y, s);
        // Powers of two as divisors keep the quotients exact.
        const a = wholes(shapeA, `${s}a`);
        const b = wholes(shapeB, `${s}b`, 1).map((v) => 2 ** v);
        const begun = wholes(side === 'a' ? shapeA : shapeB, `${s}d`);
        const run = (fn: (k: Kernels, dx: Float32Array) => void): void => {
          const expected = begun.slice();
          fn(tables[0][1], expected);
          const actual = begun.slice();
          fn(table, actual);
          expect(actual).toEqual(expected);
        };
        run((k, dx) => k.addBackward(dx, dy, -1, g, side));
        run((k, dx) => k.mulBackward(dx, dy, side === 'a' ? b : a, g, side));
        run((k, dx) => k.divBackward(dx, dy, a, b, g, side));
      }),
      { numRuns: 80 },
    );
  });

  it('sums the gradient of a stretched operand over every place where it was used', () => {
    fc.assert(
      fc.property(broadcastPair, seed, ([shapeA, shapeB], s) => {
        const a = Tensor.from(normals(shapeA, s), shapeA);
        const b = Tensor.from(normals(shapeB, `${s}b`), shapeB);
        const yShape = broadcastShapes('test', shapeA, shapeB);
        const dy = Tensor.from(normals(yShape, `${s}y`), yShape);
        const [da, db] = on(() => withTape((tape) => tape.gradient(mul(a, b), [a, b], { cotangent: dy })));
        const expectedA = new Float64Array(a.size);
        const boundA = new Float64Array(a.size);
        const expectedB = new Float64Array(b.size);
        const boundB = new Float64Array(b.size);
        for (let i = 0; i < dy.size; i++) {
          const i1 = sourceOf(i, yShape, shapeA);
          const i2 = sourceOf(i, yShape, shapeB);
          expectedA[i1] += dy.data[i] * b.data[i2];
          boundA[i1] += Math.abs(dy.data[i] * b.data[i2]);
          expectedB[i2] += dy.data[i] * a.data[i1];
          boundB[i2] += Math.abs(dy.data[i] * a.data[i1]);
        }
        const k = sizeOf(yShape) + 2;
        expectClose(da.data, expectedA, (i) => gamma(k) * boundA[i], 'da');
        expectClose(db.data, expectedB, (i) => gamma(k) * boundB[i], 'db');
      }),
      { numRuns: 60 },
    );
  });

  const geometries: [number[], number[]][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [[4], [2, 1, 4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[], [2, 3]],
    [
      [2, 1, 3],
      [1, 2, 1],
    ],
  ];
  it.each(ops)('%s has the right gradient for both operands, stretched or not', (_name, op) => {
    for (const [a, b] of geometries) {
      const positive = { shape: a, values: [...normals(a, 1)].map((v) => Math.abs(v) + 0.5) };
      const away = { shape: b, values: [...normals(b, 2)].map((v) => v + Math.sign(v) * 0.5) };
      on(() => expectGradients((x, z) => op(x, z), [positive, away]));
    }
    on(() => expectGradients((x) => op(x, 3), [{ shape: [2, 3], values: [1, 2, 3, 1.5, 2.5, 3.5] }]));
    on(() => expectGradients((x) => op(2, x), [{ shape: [2, 3], values: [1, 2, 3, 1.5, 2.5, 3.5] }]));
    on(() => expectGradients((x) => op(x, x), [{ shape: [3], values: [1, 2, 3] }]));
  });

  it('gives pow the gradient 0 where the power does not change: exponent 0, and base 0 for the exponent', () => {
    const x = Tensor.from([0, 3, 0]);
    const e = Tensor.from([0, 0, 2]);
    const [dx, de] = on(() => withTape((tape) => tape.gradient(pow(x, e), [x, e])));
    expect(dx.toArray()).toEqual([0, 0, 0]);
    expect(de.toArray()).toEqual([0, expect.closeTo(Math.log(3), 6), 0]);
  });
});

describe('arithmetic', () => {
  it('merges axes: a bias for each channel of a batch of images needs three', () => {
    const g = broadcastGeometry([8, 16, 32, 32], [8, 16, 32, 32], [16, 1, 1]);
    expect([...g.shape]).toEqual([8, 16, 1024]);
    expect([...g.stridesA]).toEqual([16384, 1024, 1]);
    expect([...g.stridesB]).toEqual([0, 1, 0]);
    expect([g.sameA, g.sameB, Object.isFrozen(g)]).toEqual([true, false, true]);
    expect([...broadcastGeometry([2, 3, 4], [2, 3, 4], [2, 3, 4]).shape]).toEqual([24]);
    expect([...broadcastGeometry([], [], []).shape]).toEqual([1]);
  });

  it('says which shapes do not broadcast, and that numbers alone are no operands', () => {
    expect(() => add(Tensor.zeros([2, 3]), Tensor.zeros([4]))).toThrow(ShapeError);
    expect(() => add(Tensor.zeros([2, 3]), Tensor.zeros([4]))).toThrow(
      'add: shapes [2, 3] and [4] do not broadcast: axis -1 is 3 in one and 4 in the other. Make them equal, or one of them 1.',
    );
    expect(() => pow(2, 3)).toThrow(ArgumentError);
    expect(() => pow(2, 3)).toThrow('pow: 2 and 3 are both numbers; at least one operand must be a Tensor.');
  });
});
