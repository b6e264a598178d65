import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import type { Shape } from '../../../../src/base/shape.js';
import { WINOGRAD_BOUND } from '../../../../src/kernels/simd/conv/winograd.js';
import { heap, withHeap } from '../../../../src/memory/memory.js';
import { matmul } from '../../../../src/tensor/ops/math/matmul.js';
import { conv2d } from '../../../../src/tensor/ops/nn/conv2d.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, wholes } from '../../../../testing/arbitraries.js';
import { convolutions } from '../../../../testing/convolutions.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

const whole = (shape: Shape, of: string): Tensor => Tensor.from(wholes(shape, of), shape);
const values = (t: Tensor): number[] => [...t.data];

/** The channels `from` to `to` of images [N, C, H, W], or the images of a batch for axis 0. */
function part(t: Tensor, axis: 0 | 1, from: number, to: number): Tensor {
  const { shape } = t;
  const outer = axis === 0 ? 1 : shape[0];
  const inner = t.size / shape.slice(0, axis + 1).reduce((a, b) => a * b, 1) || 0;
  const picked: number[] = [];
  for (let n = 0; n < outer; n++) {
    picked.push(...t.data.subarray((n * shape[axis] + from) * inner, (n * shape[axis] + to) * inner));
  }
  return Tensor.from(
    picked,
    shape.map((size, i) => (i === axis ? to - from : size)),
  );
}

describe.each(tables)('conv2d, %s', (_, table) => {
  test('a 3x3 image and a 2x2 filter, by hand', () => {
    withTable(table, () => {
      const x = Tensor.from([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
      const w = Tensor.from([1, 0, 0, 2], [1, 1, 2, 2]);
      expect(conv2d(x, w, Tensor.from([10])).toArray()).toEqual([
        [
          [
            [21, 24],
            [30, 33],
          ],
        ],
      ]);
    });
  });

  test('the edge detector of the textbooks finds the edge of a 6x6 image', () => {
    withTable(table, () => {
      const row = [10, 10, 10, 0, 0, 0];
      const x = Tensor.from([row, row, row, row, row, row].flat(), [1, 1, 6, 6]);
      const w = Tensor.from([1, 0, -1, 1, 0, -1, 1, 0, -1], [1, 1, 3, 3]);
      const edge = [0, 30, 30, 0];
      expect(conv2d(x, w, null).toArray()).toEqual([[[edge, edge, edge, edge]]]);
    });
  });

  test('a 6x6x3 image with two 3x3x3 filters gives 4x4x2', () => {
    withTable(table, () => {
      expect(conv2d(Tensor.ones([1, 3, 6, 6]), Tensor.ones([2, 3, 3, 3]), null).shape).toEqual([1, 2, 4, 4]);
    });
  });

  test('is linear in x and in w', () => {
    withTable(table, () => {
      fc.assert(
        fc.property(convolutions, seed, ({ x, w, options }, number) => {
          const [a, b] = [wholes(x, `a${number}`), wholes(x, `b${number}`)];
          const [u, v] = [wholes(w, `u${number}`), wholes(w, `v${number}`)];
          const apply = (p: Float32Array, q: Float32Array): number[] =>
            values(conv2d(Tensor.from(p, x), Tensor.from(q, w), null, options));
          const combine = (p: Float32Array, q: Float32Array): Float32Array => p.map((_, i) => 2 * p[i] - 3 * q[i]);
          const [au, bu, av] = [apply(a, u), apply(b, u), apply(a, v)];
          expect(apply(combine(a, b), u)).toEqual(au.map((_, i) => 2 * au[i] - 3 * bu[i]));
          expect(apply(a, combine(u, v))).toEqual(au.map((_, i) => 2 * au[i] - 3 * av[i]));
        }),
        { numRuns: 60 },
      );
    });
  });

  test('a filter with a single one at its center changes nothing', () => {
    withTable(table, () => {
      const x = whole([2, 3, 5, 7], 'x');
      const w = Tensor.zeros([3, 3, 3, 3]);
      for (let c = 0; c < 3; c++) w.data[(c * 3 + c) * 9 + 4] = 1;
      expect(values(conv2d(x, w, null, { padding: 'same' }))).toEqual(values(x));
    });
  });

  test('a one off the center shifts the image', () => {
    withTable(table, () => {
      const x = Tensor.from([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
      const w = Tensor.from([0, 0, 0, 1, 0, 0, 0, 0, 0], [1, 1, 3, 3]);
      expect(values(conv2d(x, w, null, { padding: 1 }))).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8]);
    });
  });

  test('with a 1x1 filter is a matrix product of filters and pixels', () => {
    withTable(table, () => {
      const x = whole([3, 5, 4, 6], 'x');
      const w = whole([7, 5, 1, 1], 'w');
      const pixels = Tensor.from(x.data, [3, 5, 24]);
      const filters = Tensor.from(w.data, [7, 5]);
      expect(values(conv2d(x, w, null))).toEqual(values(matmul(filters, pixels)));
    });
  });

  test('with groups is one convolution a group, side by side', () => {
    withTable(table, () => {
      const x = whole([2, 6, 5, 5], 'x');
      const w = whole([9, 2, 3, 3], 'w');
      const y = conv2d(x, w, null, { groups: 3, padding: 1 });
      for (let group = 0; group < 3; group++) {
        const own = conv2d(part(x, 1, 2 * group, 2 * group + 2), part(w, 0, 3 * group, 3 * group + 3), null, {
          padding: 1,
        });
        expect(values(part(y, 1, 3 * group, 3 * group + 3))).toEqual(values(own));
      }
    });
  });

  test('treats every image of a batch alone', () => {
    withTable(table, () => {
      const x = whole([5, 3, 6, 4], 'x');
      const w = whole([4, 3, 3, 3], 'w');
      const y = conv2d(x, w, null, { padding: 1, stride: 2 });
      for (let n = 0; n < 5; n++) {
        const own = conv2d(part(x, 0, n, n + 1), w, null, { padding: 1, stride: 2 });
        expect(values(part(y, 0, n, n + 1))).toEqual(values(own));
      }
    });
  });

  test('a filter with dilation is the same filter with zeros between its taps', () => {
    withTable(table, () => {
      const x = whole([1, 2, 9, 8], 'x');
      const w = whole([3, 2, 2, 3], 'w');
      const spread = Tensor.zeros([3, 2, 3, 5]);
      for (let oi = 0; oi < 6; oi++) {
        for (let r = 0; r < 2; r++) {
          for (let s = 0; s < 3; s++) spread.data[(oi * 3 + 2 * r) * 5 + 2 * s] = w.data[(oi * 2 + r) * 3 + s];
        }
      }
      expect(values(conv2d(x, w, null, { dilation: 2 }))).toEqual(values(conv2d(x, spread, null)));
    });
  });

  test('an empty batch gives an empty batch, and a gradient of zeros for w', () => {
    withTable(table, () => {
      const w = whole([4, 3, 3, 3], 'w');
      const [y, dw] = withTape((tape) => {
        const y = conv2d(Tensor.zeros([0, 3, 8, 8]), w, null);
        return [y, ...tape.gradient(y, [w])];
      });
      expect(y.shape).toEqual([0, 4, 6, 6]);
      expect(values(dw).every((v) => v === 0)).toBe(true);
    });
  });

  test('gradients of x, w and b agree with central differences', () => {
    withTable(table, () => {
      const b = { shape: [4] };
      const check = (x: Shape, w: Shape, options: Parameters<typeof conv2d>[3]): void =>
        expectGradients((x, w, b) => conv2d(x, w, b, options), [{ shape: x }, { shape: w }, b]);
      check([2, 3, 5, 4], [4, 3, 3, 3], { padding: 1 });
      check([2, 3, 6, 5], [4, 3, 3, 2], { padding: [0, 1, 2, 3], stride: [2, 1] });
      check([1, 4, 6, 7], [4, 2, 3, 3], { groups: 2, dilation: [1, 2], padding: 'same' });
      check([2, 4, 5, 5], [4, 1, 3, 3], { groups: 4, padding: 1, stride: 2 });
      check([2, 4, 5, 5], [4, 1, 3, 3], { groups: 4, padding: 1 });
      check([3, 2, 4, 4], [4, 2, 4, 4], {});
    });
  });

  test('growing a memory that detaches its views in the middle of an operation is safe', () => {
    withTable(table, () => {
      withHeap({ shared: false }, () => {
        const before = heap().heapBytes;
        const x = Tensor.ones([1, 8, 64, 64]);
        const w = Tensor.ones([8, 8, 3, 3]);
        const [y, dx, dw] = withTape((tape) => {
          let y = x;
          for (let i = 0; i < 40; i++) y = conv2d(x, w, null, { padding: 1 });
          return [y, ...tape.gradient(y, [x, w])];
        });
        expect(heap().heapBytes).toBeGreaterThan(before);
        // A corner pixel is met by 4 taps of 8 filters, a corner tap misses one row and one column.
        const bound = WINOGRAD_BOUND * U * 63 * 63;
        expectClose([y.data[0], dx.data[0], dw.data[0]], [32, 32, 63 * 63], bound);
      });
    });
  });
});

describe('conv2d says', () => {
  const x = Tensor.zeros([8, 3, 24, 24]);

  test('which axes are missing', () => {
    expect(() => conv2d(Tensor.zeros([3, 24, 24]), Tensor.zeros([4, 3, 3, 3]), null)).toThrow(
      new ShapeError('conv2d: x has shape [3, 24, 24], but needs 4 axes, [N, C, H, W].'),
    );
    expect(() => conv2d(x, Tensor.zeros([3, 3]), null)).toThrow(
      new ShapeError('conv2d: w has shape [3, 3], but needs 4 axes, [O, C/groups, R, S].'),
    );
  });

  test('which channels do not fit', () => {
    expect(() => conv2d(x, Tensor.zeros([64, 4, 7, 7]), null)).toThrow(
      new ShapeError(
        'conv2d: x [8, 3, 24, 24] has 3 channels, but w [64, 4, 7, 7] with groups=1 needs 4. Pass inChannels=3, or set groups.',
      ),
    );
    expect(() => conv2d(x, Tensor.zeros([4, 1, 3, 3]), null, { groups: 3 })).toThrow(
      new ShapeError('conv2d: groups=3 must divide both the 3 input and the 4 output channels.'),
    );
    expect(() => conv2d(x, Tensor.zeros([4, 3, 3, 3]), Tensor.zeros([3]))).toThrow(
      new ShapeError('conv2d: b has shape [3], but needs [4], one for each output channel.'),
    );
  });

  test('which option is out of range', () => {
    const w = Tensor.zeros([4, 3, 3, 3]);
    expect(() => conv2d(x, w, null, { stride: 0 })).toThrow(
      new ArgumentError('conv2d: stride is 0, but must be a whole number >= 1.'),
    );
    expect(() => conv2d(x, w, null, { dilation: [1, -2] })).toThrow('conv2d: dilation is -2');
    expect(() => conv2d(x, w, null, { padding: 0.5 })).toThrow('conv2d: padding is 0.5');
    expect(() => conv2d(x, w, null, { dilation: 12 })).toThrow('conv2d: the window covers 25 along height');
  });
});

test('the example of the documentation has the shape it says', () => {
  const y = conv2d(Tensor.from(normals([8, 3, 32, 32], 1), [8, 3, 32, 32]), Tensor.zeros([16, 3, 3, 3]), null, {
    padding: 1,
  });
  expect(y.shape).toEqual([8, 16, 32, 32]);
});
