import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { sizeOf } from '../../../../src/base/shape.js';
import { add } from '../../../../src/tensor/ops/math/add.js';
import { adaptiveAvgPool2d } from '../../../../src/tensor/ops/nn/adaptiveAvgPool2d.js';
import { adaptiveMaxPool2d } from '../../../../src/tensor/ops/nn/adaptiveMaxPool2d.js';
import { avgPool2d } from '../../../../src/tensor/ops/nn/avgPool2d.js';
import { globalAvgPool2d } from '../../../../src/tensor/ops/nn/globalAvgPool2d.js';
import { globalMaxPool2d } from '../../../../src/tensor/ops/nn/globalMaxPool2d.js';
import { maxPool2d } from '../../../../src/tensor/ops/nn/maxPool2d.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, wholes } from '../../../../testing/arbitraries.js';
import { distinct, gradientsOf, inner } from '../../../../testing/gradients.js';
import { poolCases, resizeCases } from '../../../../testing/pooling.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, gamma, U } from '../../../../testing/tolerance.js';

const image = (rows: number[][]): Tensor => Tensor.from([[rows]]);

describe.each(tables)('pooling on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('by hand: 2x2 windows of a 4x4 image', () => {
    const x = image([
      [1, 2, 5, 3],
      [4, 8, 7, 1],
      [0, 4, 2, 2],
      [8, 4, 2, 2],
    ]);
    const dy = image([
      [1, 2],
      [3, 4],
    ]);
    const max = (t: Tensor): Tensor => maxPool2d(t, { kernelSize: 2 });
    expect(max(x).toArray()).toEqual([
      [
        [
          [8, 7],
          [8, 2],
        ],
      ],
    ]);
    // The window of equal values gives its gradient to the first of them.
    expect(gradientsOf(max, [x], dy)).toEqual([
      [
        [
          [
            [0, 0, 0, 0],
            [0, 1, 2, 0],
            [0, 0, 4, 0],
            [3, 0, 0, 0],
          ],
        ],
      ],
    ]);
    const average = (t: Tensor): Tensor => avgPool2d(t, { kernelSize: 2 });
    expect(average(x).toArray()).toEqual([
      [
        [
          [3.75, 4],
          [4, 2],
        ],
      ],
    ]);
    expect(gradientsOf(average, [x], dy)).toEqual([
      [
        [
          [
            [0.25, 0.25, 0.5, 0.5],
            [0.25, 0.25, 0.5, 0.5],
            [0.75, 0.75, 1, 1],
            [0.75, 0.75, 1, 1],
          ],
        ],
      ],
    ]);
  });

  run('by hand: overlapping windows add their gradients up', () => {
    const x = image([[1, 9, 2, 9, 3]]);
    const options = { kernelSize: [1, 3], stride: 1 } as const;
    const dy = image([[1, 2, 4]]);
    expect(gradientsOf((t) => maxPool2d(t, options), [x], dy)).toEqual([[[[[0, 3, 0, 4, 0]]]]]);
    const thrice = image([[3, 6, 12]]);
    expect(gradientsOf((t) => avgPool2d(t, options), [x], thrice)).toEqual([[[[[1, 3, 7, 6, 4]]]]]);
  });

  run('by hand: padding is below every value to a maximum, and zero to an average', () => {
    const x = image([[-4, -8]]);
    const options = { kernelSize: [1, 2], stride: 1, padding: [0, 1] } as const;
    expect(maxPool2d(x, options).toArray()).toEqual([[[[-4, -4, -8]]]]);
    expect(avgPool2d(x, options).toArray()).toEqual([[[[-2, -6, -4]]]]);
    expect(avgPool2d(x, { ...options, countIncludePad: false }).toArray()).toEqual([[[[-4, -6, -8]]]]);
  });

  run('by hand: ceilMode keeps the last, partial window, and what it adds does not count', () => {
    const x = image([[2, 4, 6, 8, 10]]);
    const options = { kernelSize: [1, 2] } as const;
    expect(maxPool2d(x, options).toArray()).toEqual([[[[4, 8]]]]);
    expect(maxPool2d(x, { ...options, ceilMode: true }).toArray()).toEqual([[[[4, 8, 10]]]]);
    expect(avgPool2d(x, { ...options, ceilMode: true }).toArray()).toEqual([[[[3, 7, 10]]]]);
    // Windows of 4 at -1, 2: the second reaches over 8, 10, the padding and one cell beyond it, which alone is not counted.
    const padded = { kernelSize: [1, 4], stride: 3, padding: [0, 1], ceilMode: true } as const;
    const four = image([[2, 4, 6, 9]]);
    expect(avgPool2d(four, padded).toArray()).toEqual([[[[3, 5]]]]);
    expect(avgPool2d(four, { ...padded, countIncludePad: false }).toArray()).toEqual([[[[4, 7.5]]]]);
    // A window that would begin in the padding behind the image is dropped.
    const dropped = { kernelSize: [1, 2], stride: 2, padding: [0, 1], ceilMode: true } as const;
    expect(maxPool2d(image([[1, 2, 3]]), dropped).shape).toEqual([1, 1, 1, 2]);
  });

  run('by hand: adaptive windows of 7 rows into 3 are 0-2, 2-4, 4-6', () => {
    const x = image([[1, 2, 3, 4, 5, 6, 7]]);
    expect(adaptiveAvgPool2d(x, [1, 3]).toArray()).toEqual([[[[2, 4, 6]]]]);
    expect(adaptiveMaxPool2d(x, [1, 3]).toArray()).toEqual([[[[3, 5, 7]]]]);
    const dy = image([[3, 6, 9]]);
    expect(gradientsOf((t) => adaptiveAvgPool2d(t, [1, 3]), [x], dy)).toEqual([[[[[1, 1, 3, 2, 5, 3, 3]]]]]);
    expect(gradientsOf((t) => adaptiveMaxPool2d(t, [1, 3]), [x], dy)).toEqual([[[[[0, 0, 3, 0, 6, 0, 9]]]]]);
    // More windows than rows repeat them.
    expect(adaptiveAvgPool2d(image([[1, 2]]), [1, 4]).toArray()).toEqual([[[[1, 1, 2, 2]]]]);
  });

  run('by hand: global pooling leaves one number a channel', () => {
    const x = Tensor.from([
      [
        [
          [1, 2],
          [3, 6],
        ],
        [
          [-1, -5],
          [-4, -2],
        ],
      ],
    ]);
    expect(globalAvgPool2d(x).toArray()).toEqual([[3, -3]]);
    expect(globalMaxPool2d(x).toArray()).toEqual([[6, -1]]);
    const dy = Tensor.from([[4, 8]]);
    expect(gradientsOf(globalAvgPool2d, [x], dy)).toEqual([
      [
        [
          [
            [1, 1],
            [1, 1],
          ],
          [
            [2, 2],
            [2, 2],
          ],
        ],
      ],
    ]);
    expect(gradientsOf(globalMaxPool2d, [x], dy)).toEqual([
      [
        [
          [
            [0, 0],
            [0, 4],
          ],
          [
            [8, 0],
            [0, 0],
          ],
        ],
      ],
    ]);
  });

  run('max pooling routes each dy to exactly one place, and only to a largest value', () => {
    fc.assert(
      fc.property(poolCases, ({ shape, options, seed }) => {
        withTape((tape) => {
          const x = Tensor.from(wholes(shape, seed, 2), shape);
          const y = maxPool2d(x, options);
          // Powers of two: the sum tells which were added.
          const dy = Tensor.from(
            Float32Array.from({ length: y.size }, (_, i) => 2 ** (i % 20)),
            y.shape,
          );
          const [dx] = tape.gradient(y, [x], { cotangent: dy });
          const sum = (a: Float32Array): number => a.reduce((s, v) => s + v, 0);
          expect(sum(dx.data)).toBe(sum(dy.data));
          // <x, dx> = <y, dy>: each dy met the value that its window gave.
          expect(inner(x.data, dx.data).product).toBe(inner(y.data, dy.data).product);
        });
      }),
      { numRuns: 100 },
    );
  });

  run('the average of a constant is that constant, unless padding counts', () => {
    fc.assert(
      fc.property(poolCases, ({ shape, options }) => {
        const y = avgPool2d(Tensor.full(shape, 3), { ...options, countIncludePad: false });
        expect([...y.data].every((v) => v === 3)).toBe(true);
        expect([...adaptiveAvgPool2d(Tensor.full(shape, 3), [2, 3]).data].every((v) => v === 3)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  run('average pooling is linear, and its backward pass the adjoint: <pool(x), dy> = <x, backward(dy)>', () => {
    const adjoint = (fn: (x: Tensor) => Tensor, shape: readonly number[], seed: number): void =>
      withTape((tape) => {
        const x = Tensor.from(normals(shape, seed), shape);
        const y = fn(x);
        const dy = Tensor.from(normals(y.shape, seed + 1), y.shape);
        const [dx] = tape.gradient(y, [x], { cotangent: dy });
        const forward = inner(y.data, dy.data);
        const backward = inner(x.data, dx.data);
        const largest = x.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        // Up to sizeOf(y) shares are added to one dx in float32; each is below |dy|.
        const bound = gamma(y.size + 4) * largest * dy.data.reduce((s, v) => s + Math.abs(v), 0);
        expectClose([forward.product], [backward.product], bound + gamma(4) * forward.magnitude);
      });
    fc.assert(
      fc.property(poolCases, resizeCases, ({ shape, options, seed }, { size }) => {
        adjoint((x) => avgPool2d(x, options), shape, seed);
        adjoint((x) => adaptiveAvgPool2d(x, size), shape, seed);
        adjoint((x) => globalAvgPool2d(x), shape, seed);
      }),
      { numRuns: 60 },
    );
  });

  run('global pooling is adaptive pooling to one pixel; windows that divide the image are ordinary ones', () => {
    const x = Tensor.from(normals([2, 3, 6, 4], 'global'), [2, 3, 6, 4]);
    expect(globalMaxPool2d(x).data).toEqual(adaptiveMaxPool2d(x, 1).data);
    expect(globalAvgPool2d(x).data).toEqual(adaptiveAvgPool2d(x, 1).data);
    expect(adaptiveMaxPool2d(x, [3, 2]).data).toEqual(maxPool2d(x, { kernelSize: 2 }).data);
    expectClose(adaptiveAvgPool2d(x, [3, 2]).data, avgPool2d(x, { kernelSize: 2 }).data, U);
  });

  run('gradients are added to what another use of x gave', () => {
    const x = image([[1, 2]]);
    const options = { kernelSize: [1, 2] } as const;
    const both = (t: Tensor): Tensor => add(maxPool2d(t, options), avgPool2d(t, options));
    expect(gradientsOf(both, [x], image([[2]]))).toEqual([[[[[1, 3]]]]]);
    const adaptive = (t: Tensor): Tensor => add(adaptiveMaxPool2d(t, 1), adaptiveAvgPool2d(t, 1));
    expect(gradientsOf(adaptive, [x], image([[2]]))).toEqual([[[[[1, 3]]]]]);
  });

  run('gradients agree with central differences', () => {
    const shape = [2, 2, 5, 7];
    const values = distinct(sizeOf(shape));
    const overlapping = { kernelSize: 3, stride: 2, padding: 1, ceilMode: true };
    expectGradients((x) => maxPool2d(x, overlapping), [{ shape, values }]);
    expectGradients((x) => maxPool2d(x, { kernelSize: 2 }), [{ shape, values }]);
    expectGradients((x) => adaptiveMaxPool2d(x, [2, 3]), [{ shape, values }]);
    expectGradients(globalMaxPool2d, [{ shape, values }]);
    expectGradients((x) => avgPool2d(x, overlapping), [{ shape }]);
    expectGradients((x) => avgPool2d(x, { ...overlapping, countIncludePad: false }), [{ shape }]);
    expectGradients((x) => adaptiveAvgPool2d(x, [2, 3]), [{ shape }]);
    expectGradients(globalAvgPool2d, [{ shape }]);
  });

  run('an empty batch gives an empty output', () => {
    const x = Tensor.zeros([0, 3, 4, 4]);
    expect(maxPool2d(x, { kernelSize: 2 }).shape).toEqual([0, 3, 2, 2]);
    expect(avgPool2d(x, { kernelSize: 2 }).shape).toEqual([0, 3, 2, 2]);
    expect(adaptiveAvgPool2d(x, 3).shape).toEqual([0, 3, 3, 3]);
    expect(globalMaxPool2d(x).shape).toEqual([0, 3]);
  });
});

describe('what pooling refuses', () => {
  const x = Tensor.zeros([1, 1, 4, 4]);
  const refuses = (fn: () => void, type: typeof ShapeError | typeof ArgumentError, message: string): void => {
    expect(fn).toThrow(type);
    expect(fn).toThrow(message);
  };

  test('a window larger than the padded image', () => {
    refuses(() => maxPool2d(x, { kernelSize: 5 }), ShapeError, 'maxPool2d: the window covers 5 along height');
  });

  test('a kernel size, stride or padding out of range', () => {
    refuses(() => avgPool2d(x, { kernelSize: 0 }), ArgumentError, 'avgPool2d: kernelSize is 0');
    refuses(() => maxPool2d(x, { kernelSize: 2, stride: 1.5 }), ArgumentError, 'maxPool2d: stride is 1.5');
    refuses(() => maxPool2d(x, { kernelSize: 3, padding: 2 }), ArgumentError, 'more than half the kernel 3');
    refuses(() => adaptiveAvgPool2d(x, [0, 1]), ArgumentError, 'adaptiveAvgPool2d: outputSize is 0');
  });

  test('a tensor that is no batch of images', () => {
    refuses(
      () => globalAvgPool2d(Tensor.zeros([2, 3])),
      ShapeError,
      'globalAvgPool2d: x has shape [2, 3], but needs 4',
    );
    refuses(
      () => adaptiveMaxPool2d(Tensor.zeros([2, 3, 0, 4]), 1),
      ShapeError,
      'adaptiveMaxPool2d: x has shape [2, 3, 0, 4], but needs a height and a width of at least 1.',
    );
  });
});
