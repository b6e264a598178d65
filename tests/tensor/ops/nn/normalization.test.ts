import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { batchNorm2d } from '../../../../src/tensor/ops/nn/batchNorm2d.js';
import { groupNorm } from '../../../../src/tensor/ops/nn/groupNorm.js';
import { layerNorm } from '../../../../src/tensor/ops/nn/layerNorm.js';
import { localResponseNorm } from '../../../../src/tensor/ops/nn/localResponseNorm.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

describe.each(tables)('group, layer and local response normalization on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('by hand: a group, and a row, of 1, 3 becomes -1, 1', () => {
    const x = [1, 3, 10, 30, 2, 2.5, 8, 4];
    const unit = [-1, 1, -1, 1, -1, 1, 1, -1];
    expect([...groupNorm(Tensor.from(x, [2, 4, 1, 1]), 2, { eps: 0 }).data]).toEqual(unit);
    expect([...groupNorm(Tensor.from(x, [2, 2, 1, 2]), 2, { eps: 0 }).data]).toEqual(unit);
    expect([...layerNorm(Tensor.from(x, [4, 2]), 2, { eps: 0 }).data]).toEqual(unit);
    // Weight and bias belong to a channel in the one and to a place in the row in the other.
    const affine = { weight: Tensor.from([2, 3]), bias: Tensor.from([10, 20]), eps: 0 };
    const byChannel = [8, 12, 17, 23, 8, 12, 23, 17];
    expect([...groupNorm(Tensor.from(x, [2, 2, 1, 2]), 2, affine).data]).toEqual(byChannel);
    const byPlace = [8, 23, 8, 23, 8, 23, 12, 17];
    expect([...layerNorm(Tensor.from(x, [4, 2]), [2], affine).data]).toEqual(byPlace);
  });

  run('by hand: local responses are damped by the channels around, one more before than after', () => {
    // size 2 is the channel before and the channel itself: 1 + 2/2 (x[c-1]^2 + x[c]^2) = 2, 6, 14
    const x = Tensor.from([1, 2, 3], [1, 3, 1, 1]);
    const options = { size: 2, alpha: 2, beta: 1, k: 1 };
    expectClose(localResponseNorm(x, options).data, [1 / 2, 2 / 6, 3 / 14], U);
    // size 3: 1 + (1 + 4), 1 + (1 + 4 + 9), 1 + (4 + 9)
    expectClose(localResponseNorm(x, { ...options, size: 3, alpha: 3 }).data, [1 / 6, 2 / 15, 3 / 14], U);
    // The defaults: alpha 1e-4, beta 0.75, k 1; here 1 + 1e-4 * 10^4 * 15 = 16, 16^0.75 = 8
    const large = Tensor.from([Math.sqrt(15) * 100], [1, 1, 1, 1]);
    expectClose(localResponseNorm(large, { size: 1 }).data, [large.item() / 8], 64 * U * large.item());
  });

  run('one group is a layer norm over the whole image; as many groups as channels a batch norm of each image', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const shape = [3, 4, 2, 5];
        const x = Tensor.from(normals(shape, s), shape);
        const tolerance = (y: Tensor) => (i: number) => 8 * U * (1 + Math.abs(y.data[i]));
        const layer = layerNorm(x, [4, 2, 5]);
        expectClose(groupNorm(x, 1).data, layer.data, tolerance(layer));
        const one = Tensor.from(x.data.subarray(0, 40), [1, 4, 2, 5]);
        const batch = batchNorm2d(one, { training: true });
        expectClose(groupNorm(one, 4).data, batch.data, tolerance(batch));
      }),
      { numRuns: 20 },
    );
  });

  run('each row has mean 0 and variance 1, and one image does not change another', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 40 }), (s, size) => {
        const x = normals([3, size], s);
        const y = layerNorm(Tensor.from(x, [3, size]), size, { eps: 0 });
        for (let row = 0; row < 3; row++) {
          const values = y.data.subarray(row * size, (row + 1) * size);
          const sum = values.reduce((a, v) => a + v, 0);
          const squares = values.reduce((a, v) => a + v * v, 0);
          const from = x.subarray(row * size, (row + 1) * size);
          const mean = from.reduce((a, v) => a + v, 0) / size;
          const deviation = Math.sqrt(from.reduce((a, v) => a + (v - mean) ** 2, 0) / size);
          // The mean may be rounded to float32, the deviation counts in units of its own; each y is a product, rounded four times.
          const shift = (U * Math.abs(mean)) / deviation;
          const largest = Math.sqrt(size);
          expectClose([sum / size], [0], shift + 4 * U * largest);
          expectClose([squares / size], [1], shift ** 2 + 2 * largest * (shift + 4 * U * largest));
          const alone = layerNorm(Tensor.from(x.slice(row * size, (row + 1) * size)), size, { eps: 0 });
          expect(alone.data).toEqual(Float32Array.from(values));
        }
      }),
      { numRuns: 40 },
    );
  });

  run('rows and groups may be shifted and scaled by powers of two without changing a bit', () => {
    fc.assert(
      fc.property(seed, fc.constantFrom(0.25, 2, 64), fc.integer({ min: -8, max: 8 }), (s, factor, shift) => {
        const shape = [2, 4, 4];
        const x = wholes(shape, s, 100);
        const moved = Tensor.from(
          x.map((v) => (v + shift) * factor),
          shape,
        );
        const still = Tensor.from(x, shape);
        const options = { eps: 0 };
        expect(layerNorm(moved, 4, options).data).toEqual(layerNorm(still, 4, options).data);
        expect(groupNorm(moved, 2, options).data).toEqual(groupNorm(still, 2, options).data);
      }),
      { numRuns: 40 },
    );
  });

  run('local response normalization is odd in x, and the identity divided by k^beta where alpha is 0', () => {
    const shape = [2, 5, 2, 2];
    const values = normals(shape, 'odd');
    const x = Tensor.from(values, shape);
    const y = localResponseNorm(x, { size: 3, alpha: 0.5 });
    const negative = Tensor.from(
      values.map((v) => -v),
      shape,
    );
    const mirrored = localResponseNorm(negative, { size: 3, alpha: 0.5 });
    expect(mirrored.data).toEqual(y.data.map((v) => -v));
    const halves = localResponseNorm(x, { size: 3, alpha: 0, beta: 0.5, k: 4 });
    expect(halves.data).toEqual(x.data.map((v) => v / 2));
  });

  run('gradients agree with central differences', () => {
    const x = { shape: [2, 6, 2, 3] };
    const channels = { shape: [6] };
    expectGradients((x, weight, bias) => groupNorm(x, 2, { weight, bias }), [x, channels, channels]);
    expectGradients((x, bias) => groupNorm(x, 3, { bias }), [x, channels]);
    expectGradients((x) => groupNorm(x, 1), [x]);
    const rows = { shape: [3, 2, 5] };
    const row = { shape: [2, 5] };
    expectGradients((x, weight, bias) => layerNorm(x, [2, 5], { weight, bias }), [rows, row, row]);
    expectGradients((x, weight) => layerNorm(x, 5, { weight }), [rows, { shape: [5] }]);
    expectGradients((x) => layerNorm(x, 5), [rows]);
    for (const size of [1, 2, 3, 5, 20]) {
      expectGradients((x) => localResponseNorm(x, { size, alpha: 0.7, k: 2 }), [x]);
    }
    expectGradients((x) => localResponseNorm(x, { size: 4, alpha: 0.7, beta: 1.3 }), [x]);
  });

  run('an empty batch, or images without pixels, give an empty output and no gradient', () => {
    const weight = Tensor.ones([4]);
    withTape((tape) => {
      const y = groupNorm(Tensor.zeros([0, 4, 2, 2]), 2, { weight });
      expect(y.shape).toEqual([0, 4, 2, 2]);
      expect([...tape.gradient(y, [weight])[0].data]).toEqual([0, 0, 0, 0]);
      const blank = groupNorm(Tensor.zeros([2, 4, 0, 2]), 2, { weight });
      expect([...tape.gradient(blank, [weight])[0].data]).toEqual([0, 0, 0, 0]);
      const z = layerNorm(Tensor.zeros([0, 4]), 4, { weight });
      expect([...tape.gradient(z, [weight])[0].data]).toEqual([0, 0, 0, 0]);
      expect(localResponseNorm(Tensor.zeros([0, 4, 2, 2]), { size: 3 }).shape).toEqual([0, 4, 2, 2]);
    });
  });
});

describe('what the normalizations refuse', () => {
  const x = Tensor.zeros([2, 6, 4]);
  const refuses = (fn: () => void, type: typeof ShapeError | typeof ArgumentError, message: string): void => {
    expect(fn).toThrow(type);
    expect(fn).toThrow(message);
  };

  test('groups that do not divide the channels', () => {
    refuses(() => groupNorm(x, 4), ShapeError, 'groupNorm: groups=4 must divide the 6 channels of x [2, 6, 4].');
    refuses(() => groupNorm(x, 0), ArgumentError, 'groupNorm: groups is 0');
    refuses(() => groupNorm(Tensor.zeros([6]), 2), ShapeError, 'groupNorm: x has shape [6], but needs at least 2 axes');
  });

  test('a normalizedShape that x does not end in', () => {
    refuses(
      () => layerNorm(x, [6, 5]),
      ShapeError,
      'layerNorm: x has shape [2, 6, 4], but must end in normalizedShape [6, 5], of one axis or more.',
    );
    refuses(() => layerNorm(x, []), ShapeError, 'of one axis or more');
    refuses(() => layerNorm(x, [1, 2, 6, 4]), ShapeError, 'must end in normalizedShape [1, 2, 6, 4]');
  });

  test('a weight or bias of another shape', () => {
    refuses(
      () => layerNorm(x, [6, 4], { weight: Tensor.zeros([4]) }),
      ShapeError,
      'layerNorm: weight has shape [4], but needs [6, 4], one value for each element of a row.',
    );
    refuses(
      () => groupNorm(x, 2, { bias: Tensor.zeros([2]) }),
      ShapeError,
      'groupNorm: bias has shape [2], but needs [6]',
    );
  });

  test('a neighborhood without channels', () => {
    refuses(() => localResponseNorm(x, { size: 0 }), ArgumentError, 'localResponseNorm: size is 0');
    refuses(() => localResponseNorm(x, { size: 3, beta: Number.NaN }), ArgumentError, 'localResponseNorm: beta is NaN');
    refuses(() => localResponseNorm(Tensor.zeros([3]), { size: 3 }), ShapeError, 'localResponseNorm: x has shape [3]');
  });
});
