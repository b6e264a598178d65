import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { type Upsample2dOptions, upsample2d } from '../../../../src/tensor/ops/nn/upsample2d.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, wholes } from '../../../../testing/arbitraries.js';
import { gradientsOf, inner } from '../../../../testing/gradients.js';
import { resizeCases } from '../../../../testing/pooling.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, gamma, U } from '../../../../testing/tolerance.js';

const image = (rows: number[][]): Tensor => Tensor.from([[rows]]);

const modes = fc.constantFrom<Omit<Upsample2dOptions, 'size'>>(
  { mode: 'nearest' },
  { mode: 'bilinear' },
  { mode: 'bilinear', alignCorners: true },
);

describe.each(tables)('upsample2d on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('nearest by hand: every pixel becomes a square, and collects the gradient of it', () => {
    const x = image([[1, 2]]);
    const double = (t: Tensor): Tensor => upsample2d(t, { scale: 2 });
    expect(double(x).toArray()).toEqual([
      [
        [
          [1, 1, 2, 2],
          [1, 1, 2, 2],
        ],
      ],
    ]);
    const dy = image([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(gradientsOf(double, [x], dy)).toEqual([[[[[14, 22]]]]]);
    expect(upsample2d(image([[1, 2, 3]]), { size: [1, 5] }).toArray()).toEqual([[[[1, 1, 2, 2, 3]]]]);
    expect(upsample2d(image([[1, 2, 3, 4, 5]]), { size: [1, 2] }).toArray()).toEqual([[[[1, 3]]]]);
  });

  run('bilinear by hand: between pixel centers, or between corners', () => {
    const x = image([[0, 4]]);
    const between = (alignCorners: boolean, size: [number, number]) => (t: Tensor) =>
      upsample2d(t, { size, mode: 'bilinear', alignCorners });
    expect(between(false, [1, 4])(x).toArray()).toEqual([[[[0, 1, 3, 4]]]]);
    expect(between(true, [1, 5])(x).toArray()).toEqual([[[[0, 1, 2, 3, 4]]]]);
    expect(gradientsOf(between(false, [1, 4]), [x], image([[1, 4, 8, 16]]))).toEqual([[[[[6, 23]]]]]);
    const square = image([
      [0, 2],
      [4, 10],
    ]);
    expect(between(true, [3, 3])(square).toArray()).toEqual([
      [
        [
          [0, 1, 2],
          [2, 4, 6],
          [4, 7, 10],
        ],
      ],
    ]);
  });

  run('the same size is the same image', () => {
    fc.assert(
      fc.property(resizeCases, modes, ({ shape, seed }, mode) => {
        const x = Tensor.from(normals(shape, seed), shape);
        const y = upsample2d(x, { ...mode, size: [shape[2], shape[3]] });
        expectClose(y.data, x.data, (i) => U * Math.abs(x.data[i]));
      }),
      { numRuns: 50 },
    );
  });

  run('a constant image stays constant', () => {
    fc.assert(
      fc.property(resizeCases, modes, ({ shape, size }, mode) => {
        const y = upsample2d(Tensor.full(shape, 3), { ...mode, size });
        expect(y.shape).toEqual([shape[0], shape[1], ...size]);
        expectClose(y.data, new Float32Array(y.size).fill(3), 3 * U);
      }),
      { numRuns: 50 },
    );
  });

  run('the backward pass is the adjoint: <up(x), dy> = <x, backward(dy)>', () => {
    fc.assert(
      fc.property(resizeCases, modes, ({ shape, size, seed }, mode) => {
        withTape((tape) => {
          const x = Tensor.from(wholes(shape, seed), shape);
          const y = upsample2d(x, { ...mode, size });
          const dy = Tensor.from(wholes(y.shape, seed + 1), y.shape);
          const [dx] = tape.gradient(y, [x], { cotangent: dy });
          const forward = inner(y.data, dy.data).product;
          const backward = inner(x.data, dx.data).product;
          // |x| <= 4; each dy reaches four places of dx, in as many float32 additions at most as there are outputs.
          const bound = gamma(4 * size[0] * size[1] + 2) * 4 * dy.data.reduce((s, v) => s + Math.abs(v), 0);
          expectClose([forward], [backward], mode.mode === 'nearest' ? 0 : 2 * bound);
        });
      }),
      { numRuns: 80 },
    );
  });

  run('gradients agree with central differences', () => {
    const inputs = [{ shape: [1, 2, 3, 4] }];
    expectGradients((x) => upsample2d(x, { size: [5, 7] }), inputs);
    expectGradients((x) => upsample2d(x, { size: [5, 7], mode: 'bilinear' }), inputs);
    expectGradients((x) => upsample2d(x, { size: [2, 9], mode: 'bilinear', alignCorners: true }), inputs);
    expectGradients((x) => upsample2d(x, { size: [1, 3], mode: 'bilinear', alignCorners: true }), inputs);
  });
});

describe('what upsample2d refuses', () => {
  const x = Tensor.zeros([1, 1, 4, 4]);
  const refuses = (
    options: Upsample2dOptions,
    type: typeof ShapeError | typeof ArgumentError,
    message: string,
  ): void => {
    expect(() => upsample2d(x, options)).toThrow(type);
    expect(() => upsample2d(x, options)).toThrow(message);
  };

  test('neither size nor scale, or both', () => {
    refuses({}, ArgumentError, 'upsample2d: needs either size or scale, but got neither.');
    refuses({ size: 2, scale: 2 }, ArgumentError, 'but got size 2 and scale 2.');
  });

  test('values out of range', () => {
    refuses({ scale: -1 }, ArgumentError, 'upsample2d: scale is -1, but must be a number above 0');
    refuses({ size: 2.5 }, ArgumentError, 'upsample2d: size is 2.5');
    refuses({ scale: 0.2 }, ShapeError, 'scale 0.2 leaves 0 x 0 of x [1, 1, 4, 4]');
  });

  test('a mode that does not exist, or does not know corners', () => {
    refuses(
      { scale: 2, mode: 'cubic' as 'nearest' },
      ArgumentError,
      "mode is 'cubic', but must be 'nearest' or 'bilinear'.",
    );
    refuses({ scale: 2, alignCorners: true }, ArgumentError, "alignCorners has no meaning for mode 'nearest'");
  });
});
