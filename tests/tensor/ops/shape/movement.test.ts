import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, ShapeError } from '../../../../src/base/errors.js';
import { stridesOf } from '../../../../src/base/shape.js';
import { concat } from '../../../../src/tensor/ops/shape/concat.js';
import { flatten } from '../../../../src/tensor/ops/shape/flatten.js';
import { type PadSides, pad } from '../../../../src/tensor/ops/shape/pad.js';
import { permute } from '../../../../src/tensor/ops/shape/permute.js';
import { reshape } from '../../../../src/tensor/ops/shape/reshape.js';
import { slice } from '../../../../src/tensor/ops/shape/slice.js';
import { split } from '../../../../src/tensor/ops/shape/split.js';
import { squeeze, unsqueeze } from '../../../../src/tensor/ops/shape/squeeze.js';
import { stack } from '../../../../src/tensor/ops/shape/stack.js';
import { stridedGeometry } from '../../../../src/tensor/ops/shape/strided.js';
import { transpose } from '../../../../src/tensor/ops/shape/transpose.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectGradients } from '../../../../testing/tolerance.js';

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 });
const permutation = (n: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );
const shapeAndOrder = shapes.chain((shape) => fc.tuple(fc.constant(shape), permutation(shape.length)));
const draw = (shape: number[], s: number | string): Tensor => Tensor.from(wholes(shape, s), shape);

describe.each(tables)('movement with the %s kernels', (_, table) => {
  const on = <T>(fn: () => T): T => withTable(table, fn);
  const x = Tensor.from([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it('permutes and transposes', () => {
    expect(on(() => transpose(x, 0, 1)).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const pixels = Tensor.from([
      [
        [1, 10],
        [2, 20],
        [3, 30],
      ],
    ]);
    expect(on(() => permute(pixels, [2, 0, 1])).toArray()).toEqual([[[1, 2, 3]], [[10, 20, 30]]]);
    expect(on(() => permute(Tensor.from(7), [])).toArray()).toBe(7);
  });

  it('slices with positions counted from either end, cut off at the borders', () => {
    expect(on(() => slice(x, 1, 1)).toArray()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(on(() => slice(x, 1, 0, -1)).toArray()).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(on(() => slice(x, 0, -1)).toArray()).toEqual([[4, 5, 6]]);
    expect(on(() => slice(x, -1, -100, 100)).toArray()).toEqual(x.toArray());
    expect(on(() => slice(x, 1, 2, 1)).shape).toEqual([2, 0]);
  });

  it('concatenates, stacks and splits', () => {
    const y = Tensor.from([[7], [8]]);
    expect(on(() => concat([x, y], 1)).toArray()).toEqual([
      [1, 2, 3, 7],
      [4, 5, 6, 8],
    ]);
    expect(on(() => concat([y, y])).toArray()).toEqual([[7], [8], [7], [8]]);
    expect(on(() => stack([y, y], -1)).toArray()).toEqual([[[7, 7]], [[8, 8]]]);
    expect(on(() => split(x, [1, 2], 1)).map((t) => t.toArray())).toEqual([
      [[1], [4]],
      [
        [2, 3],
        [5, 6],
      ],
    ]);
    expect(on(() => split(x, 2, 1)).map((t) => t.shape)).toEqual([
      [2, 2],
      [2, 1],
    ]);
  });

  it('pads with a value, mirrored, or with the border repeated', () => {
    expect(on(() => pad(x, [1, 0, 0, 2], { value: 9 })).toArray()).toEqual([
      [9, 9, 9, 9, 9],
      [9, 9, 1, 2, 3],
      [9, 9, 4, 5, 6],
    ]);
    expect(on(() => pad(x, [0, 2], { mode: 'reflect' })).toArray()).toEqual([
      [3, 2, 1, 2, 3, 2, 1],
      [6, 5, 4, 5, 6, 5, 4],
    ]);
    expect(on(() => pad(x, 1, { mode: 'replicate' })).toArray()).toEqual([
      [1, 1, 2, 3, 3],
      [1, 1, 2, 3, 3],
      [4, 4, 5, 6, 6],
      [4, 4, 5, 6, 6],
    ]);
    expect(on(() => pad(Tensor.zeros([2, 3, 0, 4]), 1, { value: 5 })).shape).toEqual([2, 3, 2, 6]);
  });

  it('finds element (i, j, ...) of x at the permuted place, and comes back with the inverse', () => {
    fc.assert(
      fc.property(shapeAndOrder, seed, ([shape, order], s) => {
        const t = draw(shape, s);
        const y = on(() => permute(t, order));
        expect(y.shape).toEqual(order.map((axis) => shape[axis]));
        const from = stridesOf(shape);
        const to = stridesOf(y.shape);
        for (let o = 0; o < y.size; o++) {
          let i = 0;
          for (const [k, axis] of order.entries()) i += (Math.floor(o / to[k]) % y.shape[k]) * from[axis];
          expect(y.data[o]).toBe(t.data[i]);
        }
        const inverse = order.map((_v, axis) => order.indexOf(axis));
        const back = on(() => permute(y, inverse));
        expect(back.shape).toEqual(shape);
        expect(back.data).toEqual(t.data);
      }),
      { numRuns: 80 },
    );
  });

  it('gets back by splitting what it concatenated, and the other way round', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
        seed,
        (shape, sizes, s) => {
          const axis = s % shape.length;
          const parts = sizes.map((n, i) => draw(shape.with(axis, n), `${s}${i}`));
          const whole = on(() => concat(parts, axis));
          const again = on(() => split(whole, sizes, axis));
          again.forEach((t, i) => {
            expect(t.shape).toEqual(parts[i].shape);
            expect(t.data).toEqual(parts[i].data);
          });
          expect(on(() => concat(again, axis)).data).toEqual(whole.data);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('slices what a stack was made of', () => {
    const parts = [1, 2, 3].map((s) => draw([2, 4], s));
    for (const axis of [0, 1, 2]) {
      const whole = on(() => stack(parts, axis));
      for (const [i, t] of parts.entries()) expect(on(() => slice(whole, axis, i, i + 1)).data).toEqual(t.data);
    }
  });

  it('pads as looking up the nearest, the mirrored or no pixel says', () => {
    const sides = fc.tuple(
      ...([0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 3 })) as [
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
      ]),
    );
    fc.assert(
      fc.property(
        sides,
        fc.constantFrom('zero' as const, 'reflect' as const, 'replicate' as const),
        seed,
        (border, mode, s) => {
          const [top, right, bottom, left] = border;
          const [H, W] = [4 + (s % 3), 4 + (s % 2)];
          const t = draw([2, 3, H, W], s);
          const y = on(() => pad(t, border, { mode, value: 7 }));
          expect(y.shape).toEqual([2, 3, top + H + bottom, left + W + right]);
          const find = (i: number, n: number): number => {
            if (i >= 0 && i < n) return i;
            if (mode === 'zero') return -1;
            if (mode === 'replicate') return i < 0 ? 0 : n - 1;
            return i < 0 ? -i : n - 1 - (i - (n - 1));
          };
          let o = 0;
          for (let plane = 0; plane < 6; plane++) {
            for (let p = 0; p < y.shape[2]; p++) {
              for (let q = 0; q < y.shape[3]; q++) {
                const [r, c] = [find(p - top, H), find(q - left, W)];
                expect(y.data[o++]).toBe(r < 0 || c < 0 ? 7 : t.data[(plane * H + r) * W + c]);
              }
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  const moves: [string, (t: Tensor) => Tensor][] = [
    ['permute', (t) => permute(t, [2, 0, 3, 1])],
    ['transpose', (t) => transpose(t, 1, -1)],
    ['slice', (t) => slice(t, 2, 1, -1)],
    ['split', (t) => split(t, [1, 4], 3)[1]],
    ['pad zero', (t) => pad(t, [1, 2, 3, 0])],
    ['pad reflect', (t) => pad(t, [2, 1], { mode: 'reflect' })],
    ['pad replicate', (t) => pad(t, 2, { mode: 'replicate' })],
    ['concat with itself', (t) => concat([t, t], 1)],
    ['stack', (t) => stack([t, t, t], 2)],
    ['reshape', (t) => reshape(t, [-1, 10])],
    ['flatten', (t) => flatten(t)],
    ['squeeze', (t) => squeeze(unsqueeze(t, 1))],
  ];

  it.each(moves)('%s is adjoint to its gradient: <f(x), v> = <x, gradient(v)>', (_name, f) => {
    const t = draw([2, 3, 4, 5], 1);
    const [left, right] = on(() =>
      withTape((tape) => {
        const y = f(t);
        const v = draw([...y.shape], 2);
        const [dx] = tape.gradient(y, [t], { cotangent: v });
        return [dot(y.data, v.data), dot(t.data, dx.data)];
      }),
    );
    expect(left).toBe(right);
  });

  it.each(moves)('%s has the right gradient', (_name, f) => {
    on(() => expectGradients(f, [{ shape: [2, 3, 4, 5] }]));
  });

  it('gives each operand of concat and stack its own part of the gradient', () => {
    on(() =>
      expectGradients(
        (a, b, c) => concat([a, b, c], 1),
        [{ shape: [2, 1, 3] }, { shape: [2, 4, 3] }, { shape: [2, 2, 3] }],
      ),
    );
    on(() => expectGradients((a, b) => stack([a, b], 1), [{ shape: [2, 3] }, { shape: [2, 3] }]));
  });

  it('copies and adds between offsets and strides, and touches nothing else', () => {
    const g = stridedGeometry([2, 2], { offset: 5, strides: [-3, -1] }, { offset: 1, strides: [4, 2] });
    const source = Float32Array.of(10, 11, 12, 13, 14, 15);
    const y = new Float32Array(9);
    table.stridedCopy(y, source, g);
    expect([...y]).toEqual([0, 15, 0, 14, 0, 12, 0, 11, 0]);
    table.stridedAdd(y, source, g);
    expect([...y]).toEqual([0, 30, 0, 28, 0, 24, 0, 22, 0]);
    const dx = Float32Array.of(1, 2, 3);
    table.padBackward(dx, Float32Array.of(5, 6, 7, 8), {
      planes: 1,
      inHeight: 1,
      inWidth: 3,
      rows: Int32Array.of(0),
      columns: Int32Array.of(2, -1, 0, 2),
      value: 9,
    });
    expect([...dx]).toEqual([8, 2, 16]);
  });
});

describe('reshape, flatten, squeeze and unsqueeze', () => {
  it('change the shape', () => {
    const x = Tensor.zeros([2, 3, 1, 4]);
    expect(reshape(x, [4, -1]).shape).toEqual([4, 6]);
    expect(reshape(x, [24]).shape).toEqual([24]);
    expect(reshape(Tensor.from(3), [1, 1]).toArray()).toEqual([[3]]);
    expect(reshape(Tensor.zeros([0, 3]), [0, 7]).shape).toEqual([0, 7]);
    expect(flatten(x).shape).toEqual([2, 12]);
    expect(flatten(x, 0).shape).toEqual([24]);
    expect(flatten(x, -1).shape).toEqual([2, 3, 1, 4]);
    expect(squeeze(x).shape).toEqual([2, 3, 4]);
    expect(squeeze(x, 2).shape).toEqual([2, 3, 4]);
    expect(unsqueeze(x, 0).shape).toEqual([1, 2, 3, 1, 4]);
    expect(unsqueeze(x, -1).shape).toEqual([2, 3, 1, 4, 1]);
  });

  it('share the memory of x, which lives until both are released', () => {
    const x = Tensor.from([1, 2, 3, 4]);
    const y = reshape(x, [2, 2]);
    x.data[0] = 9;
    expect(y.toArray()).toEqual([
      [9, 2],
      [3, 4],
    ]);
    x.dispose();
    expect(y.toArray()).toEqual([
      [9, 2],
      [3, 4],
    ]);
    expect(() => reshape(x, [2, 2])).toThrow(DisposedError);
    y.dispose();
    expect(y.storage.released).toBe(true);
  });
});

describe('movement', () => {
  it('merges axes that lie end to end in both arrays', () => {
    const g = stridedGeometry(
      [8, 3, 32, 32],
      { offset: 0, strides: [3072, 1024, 32, 1] },
      { offset: 7, strides: [9216, 1024, 32, 1] },
    );
    expect([[...g.shape], [...g.xStrides], [...g.yStrides], g.yOffset]).toEqual([[8, 3072], [3072, 1], [9216, 1], 7]);
    expect(Object.isFrozen(g)).toBe(true);
    const whole = stridedGeometry([2, 3], { offset: 0, strides: [3, 1] }, { offset: 0, strides: [3, 1] });
    expect([[...whole.shape], [...whole.xStrides]]).toEqual([
      [1, 6],
      [0, 1],
    ]);
  });

  it('says what does not fit', () => {
    const x = Tensor.zeros([2, 3]);
    const throws = (fn: () => unknown, type: typeof ShapeError | typeof ArgumentError, message: string): void => {
      expect(fn).toThrow(type);
      expect(fn).toThrow(message);
    };
    throws(() => reshape(x, [4, 2]), ShapeError, 'reshape: x [2, 3] holds 6 values, which do not fill shape [4, 2].');
    throws(() => reshape(x, [4, -1]), ShapeError, 'reshape: x [2, 3] holds 6 values, which do not fill shape [4, -1].');
    throws(
      () => reshape(x, [-1, -1]),
      ShapeError,
      'reshape: shape [-1, -1] has more than one -1; only one axis can be inferred.',
    );
    throws(() => reshape(Tensor.zeros([0]), [0, -1]), ShapeError, 'do not fill shape [0, -1]');
    throws(
      () => reshape(x, [2.5, 2]),
      ShapeError,
      'reshape: shape [2.5, 2] has the axis 2.5; axes are whole numbers >= 0.',
    );
    throws(() => flatten(x, 2), ShapeError, 'flatten: axis 2 is not an axis of a tensor with 2 axes; use -2 to 1.');
    throws(() => squeeze(x, 1), ShapeError, 'squeeze: axis 1 of x [2, 3] is 3 long; only an axis of 1 can go.');
    throws(() => unsqueeze(x, 3), ShapeError, 'unsqueeze: axis 3 is not an axis of a tensor with 3 axes; use -3 to 2.');
    throws(() => permute(x, [0, 0]), ShapeError, 'permute: axes [0, 0] must name each of the 2 axes of x [2, 3] once.');
    throws(() => permute(x, [0]), ShapeError, 'permute: axes [0] must name each of the 2 axes of x [2, 3] once.');
    throws(
      () => transpose(x, 0, 2),
      ShapeError,
      'transpose: axis 2 is not an axis of a tensor with 2 axes; use -2 to 1.',
    );
    throws(() => slice(x, 2, 0), ShapeError, 'slice: axis 2 is not an axis of a tensor with 2 axes; use -2 to 1.');
    throws(() => slice(x, 0, 0.5), ArgumentError, 'slice: start is 0.5, but must be a whole number.');
    throws(() => slice(x, 0, 0, Number.NaN), ArgumentError, 'slice: end is NaN, but must be a whole number.');
    throws(() => split(x, [1, 1], 1), ShapeError, 'split: sizes [1, 1] add up to 2, but axis 1 of x [2, 3] is 3 long.');
    throws(() => split(x, 0), ArgumentError, 'split: size is 0, but must be a whole number >= 1.');
    throws(() => split(x, [3, -1], 0), ArgumentError, 'split: size is -1, but must be a whole number >= 0.');
    throws(() => concat([]), ArgumentError, 'concat: the list of tensors is empty; it needs at least one.');
    throws(
      () => concat([x, Tensor.zeros([2, 4])], 0),
      ShapeError,
      'concat: tensor 1 has shape [2, 4], which must equal [2, 3] of tensor 0 on every axis but 0.',
    );
    throws(
      () => stack([x, Tensor.zeros([3, 2])]),
      ShapeError,
      'stack: tensor 1 has shape [3, 2], but tensor 0 has [2, 3]; all must be equal.',
    );
    throws(() => stack([]), ArgumentError, 'stack: the list of tensors is empty; it needs at least one.');
    throws(
      () => pad(Tensor.zeros([3]), 1),
      ShapeError,
      'pad: x has shape [3], but needs at least 2 axes, [..., H, W].',
    );
    throws(() => pad(x, -1), ArgumentError, 'pad: padding is -1, but must be a whole number >= 0.');
    throws(
      () => pad(x, [1, 2, 3] as unknown as PadSides),
      ArgumentError,
      'pad: padding is [1,2,3], but must be a number, [height, width] or [top, right, bottom, left].',
    );
    throws(
      () => pad(x, 2, { mode: 'reflect' }),
      ShapeError,
      "pad: mode 'reflect' needs a border smaller than the height 2, but it is 2.",
    );
    throws(
      () => pad(Tensor.zeros([0, 3]), 1, { mode: 'replicate' }),
      ShapeError,
      "pad: mode 'replicate' needs a border pixel to repeat, but the height is 0.",
    );
    throws(
      () => pad(x, 0, { mode: 'wrap' as 'zero' }),
      ArgumentError,
      "pad: mode is 'wrap', but must be 'zero', 'reflect' or 'replicate'.",
    );
  });
});

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
