import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { DisposedError, ShapeError } from '../../src/base/errors.js';
import { stridesOf } from '../../src/base/shape.js';
import { withHeap } from '../../src/memory/memory.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { reshape } from '../../src/tensor/ops/shape/reshape.js';
import { type NestedNumbers, Tensor } from '../../src/tensor/tensor.js';
import { normals, seed, shapes } from '../../testing/arbitraries.js';

describe('Tensor.from', () => {
  it('takes nested arrays, flat arrays with or without a shape, typed arrays, and a number', () => {
    expect(
      Tensor.from([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ).toEqual([2, 3]);
    expect(Tensor.from([1, 2, 3, 4, 5, 6], [3, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(Tensor.from(Int8Array.of(1, -2)).toArray()).toEqual([1, -2]);
    expect(Tensor.from([1, 2]).shape).toEqual([2]);
    expect([Tensor.from(5).shape, Tensor.from(5).item()]).toEqual([[], 5]);
    expect(Tensor.from([]).shape).toEqual([0]);
    expect(Tensor.from([[], []]).shape).toEqual([2, 0]);
    expect(
      Tensor.from(
        [
          [1, 2],
          [3, 4],
        ],
        [4],
      ).shape,
    ).toEqual([4]);
  });

  it('copies: neither side sees the other change', () => {
    const values = Float32Array.of(1, 2);
    const x = Tensor.from(values);
    values[0] = 9;
    expect(x.data[0]).toBe(1);
    x.data[1] = 7;
    expect(values[1]).toBe(2);
  });

  it('copies the data of another tensor even when the memory grows to hold it', () => {
    withHeap({ shared: false, maximumBytes: 2 ** 26 }, () => {
      const x = Tensor.full([100_000], 3);
      let y = x;
      for (let i = 0; i < 40; i++) y = Tensor.from(y.data, [100_000]);
      expect(y.data[99_999]).toBe(3);
      expect(Tensor.fromNdarray(ndarray(y.data, [100_000])).data[99_999]).toBe(3);
    });
  });

  it('says how many values a shape needs, and where nested rows differ', () => {
    const throws = (fn: () => unknown, message: string): void => {
      expect(fn).toThrow(ShapeError);
      expect(fn).toThrow(message);
    };
    throws(() => Tensor.from([1, 2, 3], [2, 2]), 'Tensor.from: 3 values do not fill shape [2, 2], which needs 4.');
    throws(
      () => Tensor.from([[1, 2], [3]]),
      'Tensor.from: nested rows differ: found 1 entries on axis 1, where [2, 2] was begun.',
    );
    throws(
      () => Tensor.from([[1], 2]),
      'Tensor.from: nested rows differ: found the value 2 on axis 1, where [2, 1] was begun.',
    );
    throws(
      () => Tensor.from([1, [2]]),
      'Tensor.from: nested rows differ: found 1 entries on axis 1, where [2] was begun.',
    );
    throws(() => Tensor.from(['a'] as unknown as number[]), 'found the value a on axis 1');
    throws(() => Tensor.from([1], [-1]), 'Tensor.from: shape [-1] has the axis -1; axes are whole numbers >= 0.');
    throws(() => Tensor.zeros([1.5]), 'Tensor.full: shape [1.5] has the axis 1.5; axes are whole numbers >= 0.');
  });
});

describe('Tensor', () => {
  it('makes zeros, ones and constants', () => {
    expect(Tensor.zeros([2]).toArray()).toEqual([0, 0]);
    expect(Tensor.ones([2]).toArray()).toEqual([1, 1]);
    expect(Tensor.full([], 0.5).item()).toBe(0.5);
  });

  it('goes to nested arrays and back, in any shape', () => {
    fc.assert(
      fc.property(shapes(0), seed, (shape, s) => {
        const x = Tensor.from(normals(shape, s), shape);
        const back = Tensor.from(x.toArray() as NestedNumbers);
        expect(back.shape).toEqual(shape);
        expect(back.data).toEqual(x.data);
      }),
      { numRuns: 40 },
    );
  });

  it('gives its only value as a number, and says why it cannot', () => {
    expect(Tensor.from([[4]]).item()).toBe(4);
    expect(() => Tensor.zeros([2, 3]).item()).toThrow('item: shape [2, 3] holds 6 values; item() needs exactly 1.');
  });

  it('prints its shape and first values', () => {
    expect(String(Tensor.from([0.1, 2]))).toBe('Tensor [2] 0.1 2');
    expect(String(Tensor.zeros([3, 3]))).toBe('Tensor [3, 3] 0 0 0 0 0 0 0 0 ...');
    const x = Tensor.zeros([1]);
    x.dispose();
    expect(String(x)).toBe('Tensor [1] (released)');
  });

  it('returns its memory once, however often it is disposed of, and says what it was when it is used again', () => {
    withHeap({}, (heap) => {
      const x = add(Tensor.ones([2, 3]), 1);
      const view = reshape(x, [6]);
      const live = heap.liveBytes;
      x.dispose();
      x.dispose();
      expect([heap.liveBytes, view.data[0]]).toEqual([live, 2]);
      view.dispose();
      expect(heap.liveBytes).toBeLessThan(live);
      expect(() => x.data).toThrow(DisposedError);
      expect(() => x.data).toThrow(/^the add output \[2, 3\] was released .*keep\(tensor\)/);
    });
  });

  it('survives the growth of a plain memory with its values', () => {
    withHeap({ shared: false }, (heap) => {
      const x = Tensor.from([1, 2, 3]);
      const before = x.data;
      heap.allocate(2 ** 22, 'test');
      expect(before.length).toBe(0);
      expect(x.toArray()).toEqual([1, 2, 3]);
      expect(Tensor.zeros([0]).data.length).toBe(0);
    });
  });
});

describe('ndarray views', () => {
  it('are copied in with any strides, negative ones too, and from any element type', () => {
    const a = ndarray(Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3]);
    expect(Tensor.fromNdarray(a).toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(Tensor.fromNdarray(a.transpose(1, 0)).toArray()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(Tensor.fromNdarray(a.step(-1, 1)).toArray()).toEqual([
      [3, 4, 5],
      [0, 1, 2],
    ]);
    expect(Tensor.fromNdarray(a.step(1, -2)).toArray()).toEqual([
      [2, 0],
      [5, 3],
    ]);
    expect(Tensor.fromNdarray(a.lo(1, 1).hi(1, 2)).toArray()).toEqual([[4, 5]]);
    expect(Tensor.fromNdarray(a.pick(1, null)).toArray()).toEqual([3, 4, 5]);
    expect(Tensor.fromNdarray(ndarray(Uint8Array.of(255, 7), [2])).toArray()).toEqual([255, 7]);
    expect(Tensor.fromNdarray(ndarray([1, 2, 3], [3])).toArray()).toEqual([1, 2, 3]);
    expect(Tensor.fromNdarray(ndarray(Float64Array.of(), [0, 3])).shape).toEqual([0, 3]);
    const stored = new Map([
      [0, 4],
      [1, 5],
    ]);
    const generic = { get: (i: number) => stored.get(i) as number, set: () => 0, length: 2 };
    expect(Tensor.fromNdarray(ndarray(generic as unknown as number[], [2])).toArray()).toEqual([4, 5]);
  });

  it('hold, at every index, what the view says, for any permutation and flips', () => {
    const views = shapes(1).chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length }),
        fc.array(fc.constantFrom(1, -1, 2, -2), { minLength: shape.length, maxLength: shape.length }),
      ),
    );
    fc.assert(
      fc.property(views, seed, ([shape, order, steps], s) => {
        const view = ndarray(normals(shape, s), shape)
          .transpose(...order)
          .step(...steps);
        const t = Tensor.fromNdarray(view);
        expect(t.shape).toEqual(view.shape);
        const strides = stridesOf(t.shape);
        for (let i = 0; i < t.size; i++) {
          const index = t.shape.map((n, axis) => Math.floor(i / strides[axis]) % n);
          expect(t.data[i]).toBe(view.get(...index));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('go out as a copy', () => {
    const x = Tensor.from([
      [1, 2],
      [3, 4],
    ]);
    const a = x.toNdarray();
    expect([a.shape, a.get(1, 0)]).toEqual([[2, 2], 3]);
    a.set(0, 0, 9);
    expect(x.data[0]).toBe(1);
    expect(Tensor.fromNdarray(a.transpose(1, 0)).toArray()).toEqual([
      [9, 3],
      [2, 4],
    ]);
  });
});

describe('toArray', () => {
  const x = Tensor.from([
    [1, 2],
    [3, 4],
  ]);

  it('may be indexed, and is neither a number nor an array of numbers to the compiler', () => {
    expect(x.toArray()[1][0]).toBe(3);
    // @ts-expect-error: it may be an array
    const value: number = x.toArray();
    expect(value).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('with a rank has the type of that rank, and refuses another', () => {
    const rows: number[][] = x.toArray(2);
    const total: number = rows[1][0] + Tensor.from(5).toArray(0) + Tensor.ones([1, 1, 1]).toArray(3)[0][0][0];
    expect(total).toBe(9);
    expect(() => x.toArray(1)).toThrow('toArray: the tensor has shape [2, 2], not 1 axes.');
  });
});
