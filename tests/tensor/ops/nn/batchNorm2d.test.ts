import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { blockSize } from '../../../../src/memory/heap.js';
import { memoryInfo } from '../../../../src/memory/memory.js';
import { type BatchNorm2dOptions, batchNorm2d, batchNormRelu2d } from '../../../../src/tensor/ops/nn/batchNorm2d.js';
import { relu } from '../../../../src/tensor/ops/nn/relu.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals, seed } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

/** [N, C, H, W] with more than one value a channel. */
const shapes = fc
  .tuple(...[3, 3, 4, 4].map((max) => fc.integer({ min: 1, max })))
  .filter(([N, , H, W]) => N * H * W > 1);

/** The values of channel c. */
function channel(t: Tensor, c: number): number[] {
  const spatial = t.shape[2] * t.shape[3];
  return [...t.data].filter((_, i) => Math.floor(i / spatial) % t.shape[1] === c);
}

const mean = (a: number[]): number => a.reduce((s, v) => s + v, 0) / a.length;

describe.each(tables)('batchNorm2d on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('by hand: 1, 3 and 10, 30 both become -1, 1; then scale and shift', () => {
    const x = Tensor.from([1, 3, 10, 30], [1, 2, 1, 2]);
    expect([...batchNorm2d(x, { training: true, eps: 0 }).data]).toEqual([-1, 1, -1, 1]);
    const weight = Tensor.from([2, 3]);
    const bias = Tensor.from([5, 7]);
    expect([...batchNorm2d(x, { training: true, eps: 0, weight }).data]).toEqual([-2, 2, -3, 3]);
    expect([...batchNorm2d(x, { training: true, eps: 0, weight, bias }).data]).toEqual([3, 7, 4, 10]);
    expect([...batchNorm2d(x, { training: true, eps: 0, bias: Tensor.from([5, 7]) }).data]).toEqual([4, 6, 6, 8]);
    // eps stands under the root: (x - 2) / sqrt(1 + 3)
    expect([...batchNorm2d(x, { training: true, eps: 3 }).data.slice(0, 2)]).toEqual([-0.5, 0.5]);
  });

  run(
    'by hand: running statistics move a tenth of the way, or by momentum, to the mean and the unbiased variance',
    () => {
      const x = Tensor.from([1, 3], [1, 1, 1, 2]);
      const runningMean = Tensor.from([12]);
      const runningVar = Tensor.from([12]);
      batchNorm2d(x, { training: true, runningMean, runningVar });
      expectClose(runningMean.data, [11], 16 * U);
      expectClose(runningVar.data, [11], 16 * U);
      batchNorm2d(x, { training: true, runningMean, runningVar, momentum: 1 });
      expect([runningMean.item(), runningVar.item()]).toEqual([2, 2]);
    },
  );

  run('by hand: evaluation uses the running statistics and leaves them alone', () => {
    const x = Tensor.from([1, 3, 10, 30], [1, 2, 1, 2]);
    const runningMean = Tensor.from([1, 20]);
    const runningVar = Tensor.from([4, 25]);
    const options = { training: false, runningMean, runningVar, eps: 0 };
    expect([...batchNorm2d(x, options).data]).toEqual([0, 1, -2, 2]);
    const weight = Tensor.from([2, 10]);
    const bias = Tensor.from([1, 1]);
    withTape((tape) => {
      const y = batchNorm2d(x, { ...options, weight, bias });
      expect([...y.data]).toEqual([1, 3, -19, 21]);
      const cotangent = Tensor.from([1, 2, 3, 4], x.shape);
      const [dx, dw, db] = tape.gradient(y, [x, weight, bias], { cotangent });
      expect([...dx.data]).toEqual([1, 2, 6, 8]);
      expect([...dw.data]).toEqual([2, 2]);
      expect([...db.data]).toEqual([3, 7]);
    });
    expect([...runningMean.data, ...runningVar.data]).toEqual([1, 20, 4, 25]);
  });

  run('each channel of the output has mean 0 and variance 1', () => {
    fc.assert(
      fc.property(shapes, seed, (shape, s) => {
        const x = Tensor.from(normals(shape, s), shape);
        const y = batchNorm2d(x, { training: true, eps: 0 });
        for (let c = 0; c < shape[1]; c++) {
          const values = channel(y, c);
          const deviation = Math.sqrt(mean(channel(x, c).map((v) => (v - mean(channel(x, c))) ** 2)));
          // The mean of x is rounded to float32, the deviation counts in units of its own; each y is rounded too.
          const shift = (U * Math.abs(mean(channel(x, c)))) / deviation;
          const largest = Math.max(...values.map(Math.abs));
          expectClose([mean(values)], [0], shift + 2 * U * largest, 'mean');
          expectClose(
            [mean(values.map((v) => v * v))],
            [1],
            shift ** 2 + 2 * largest * (shift + 4 * U * largest),
            'variance',
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  run('a channel may be shifted and scaled without changing the output', () => {
    fc.assert(
      fc.property(seed, fc.constantFrom(0.25, 2, 64), fc.integer({ min: -8, max: 8 }), (s, factor, shift) => {
        const shape = [2, 2, 3, 3];
        const x = normals(shape, s).map((v) => Math.round(v * 1024) / 1024);
        const options = { training: true, eps: 0 };
        const y = batchNorm2d(Tensor.from(x, shape), options);
        const moved = batchNorm2d(
          Tensor.from(
            x.map((v) => (v + shift) * factor),
            shape,
          ),
          options,
        );
        // (v + shift) * factor is exact; only the rounding of the mean (below 16) and of the deviation differ.
        expectClose(moved.data, y.data, (i) => 64 * U + 4 * U * Math.abs(y.data[i]));
      }),
      { numRuns: 40 },
    );
  });

  run('the gradient of x sums to zero in each channel, and is orthogonal to the output', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const shape = [3, 2, 3, 4];
        withTape((tape) => {
          const x = Tensor.from(normals(shape, s), shape);
          const y = batchNorm2d(x, { training: true });
          const [dx] = tape.gradient(y, [x], { cotangent: Tensor.from(normals(shape, s + 1), shape) });
          const largest = dx.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
          for (let c = 0; c < 2; c++) {
            const [gradients, outputs] = [channel(dx, c), channel(y, c)];
            // 36 values, each rounded once, with |y| < 6 and mean and variance rounded before; eps tilts the second by 1e-5.
            expectClose([gradients.reduce((a, v) => a + v, 0)], [0], 36 * 6 * 4 * U * largest, 'sum');
            const product = gradients.reduce((a, v, i) => a + v * outputs[i], 0);
            expectClose([product], [0], 36 * 6 * (6 * 4 * U + 1e-4) * largest, 'product');
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  run('gradients agree with central differences, in training and evaluation', () => {
    const x = { shape: [3, 2, 2, 3] };
    const each = { shape: [2] };
    const training = true;
    expectGradients((x, weight, bias) => batchNorm2d(x, { training, weight, bias }), [x, each, each]);
    expectGradients((x, weight) => batchNorm2d(x, { training, weight }), [x, each]);
    expectGradients((x, bias) => batchNorm2d(x, { training, bias }), [x, each]);
    expectGradients((x) => batchNorm2d(x, { training }), [x]);
    const evaluate = (x: Tensor, options: Omit<BatchNorm2dOptions, 'training'>): Tensor =>
      batchNorm2d(x, {
        ...options,
        training: false,
        runningMean: Tensor.from([0.5, -1]),
        runningVar: Tensor.from([2, 0.3]),
      });
    expectGradients((x, weight, bias) => evaluate(x, { weight, bias }), [x, each, each]);
    expectGradients((x, bias) => evaluate(x, { bias }), [x, each]);
  });

  run('one of the gradients alone is the same as with the others', () => {
    const shape = [2, 3, 2, 2];
    const x = Tensor.from(normals(shape, 'alone'), shape);
    const weight = Tensor.from([1, 2, 3]);
    const bias = Tensor.from([4, 5, 6]);
    const cotangent = Tensor.from(normals(shape, 'dy'), shape);
    for (const training of [true, false]) {
      const options = { training, weight, bias, runningMean: Tensor.zeros([3]), runningVar: Tensor.ones([3]) };
      const gradients = (...xs: Tensor[]): Float32Array[] =>
        withTape((tape) => tape.gradient(batchNorm2d(x, options), xs, { cotangent }).map((t) => t.data.slice()));
      const together = gradients(x, weight, bias);
      [x, weight, bias].forEach((t, i) => {
        expect(gradients(t)[0]).toEqual(together[i]);
      });
    }
  });

  run(
    'with a rectifier behind it, it is relu(batchNorm2d(x)) with its gradients, running statistics and options',
    () => {
      fc.assert(
        fc.property(shapes, seed, fc.boolean(), (shape, s, training) => {
          const C = shape[1];
          const x = Tensor.from(normals(shape, s), shape);
          const [weight, bias] = [1, 2].map((i) => Tensor.from(normals(C, s + i)));
          const cotangent = Tensor.from(normals(shape, s + 3), shape);
          const results = [batchNormRelu2d, (t: Tensor, o: BatchNorm2dOptions) => relu(batchNorm2d(t, o))].map((fn) => {
            const [runningMean, runningVar] = [Tensor.zeros([C]), Tensor.ones([C])];
            const options = { training, weight, bias, runningMean, runningVar };
            return withTape((tape) => {
              const y = fn(x, options);
              const gradients = tape.gradient(y, [x, weight, bias], { cotangent });
              return [y, ...gradients, runningMean, runningVar].map((t) => t.data.slice());
            });
          });
          const [fused, apart] = results;
          // dx is added to zeros in the one and replaces dy in the other: not a bit differs.
          for (const [i, values] of fused.entries()) expectClose(values, apart[i], 0, `result ${i}`);
        }),
        { numRuns: 60 },
      );
    },
  );

  run('gradients behind the rectifier agree with central differences', () => {
    const each = { shape: [2] };
    for (const training of [true, false]) {
      const running = () => ({ runningMean: Tensor.from([0.5, -1]), runningVar: Tensor.from([2, 0.3]) });
      expectGradients(
        (x, weight, bias) => batchNormRelu2d(x, { training, weight, bias, ...running() }),
        [{ shape: [3, 2, 2, 3] }, each, each],
      );
    }
  });

  run('an empty batch trains nothing', () => {
    const runningMean = Tensor.from([1, 2]);
    const runningVar = Tensor.from([3, 4]);
    const weight = Tensor.ones([2]);
    const x = Tensor.zeros([0, 2, 3, 3]);
    withTape((tape) => {
      const y = batchNorm2d(x, { training: true, runningMean, runningVar, weight });
      expect(y.shape).toEqual([0, 2, 3, 3]);
      expect([...tape.gradient(y, [weight])[0].data]).toEqual([0, 0]);
    });
    expect([...runningMean.data, ...runningVar.data]).toEqual([1, 2, 3, 4]);
  });

  run('without a tape the statistics of the batch are released at once', () => {
    const x = Tensor.zeros([2, 2, 2, 2]);
    const before = memoryInfo().liveBytes;
    const y = batchNorm2d(x, { training: true });
    // What is left is y: its numbers and the slack behind them.
    expect(memoryInfo().liveBytes - before).toBe(blockSize(4 * y.size));
    y.dispose();
  });
});

describe('what batchNorm2d refuses', () => {
  const x = Tensor.zeros([2, 3, 4, 4]);
  const refuses = (fn: () => void, type: typeof ShapeError | typeof ArgumentError, message: string): void => {
    expect(fn).toThrow(type);
    expect(fn).toThrow(message);
  };

  test('training on one value per channel', () => {
    refuses(
      () => batchNorm2d(Tensor.zeros([1, 64, 1, 1]), { training: true }),
      ShapeError,
      'batchNorm2d: training needs more than one value per channel, but x [1, 64, 1, 1] has 1.',
    );
  });

  test('evaluation without statistics, or with half of them', () => {
    refuses(() => batchNorm2d(x, { training: false }), ArgumentError, 'needs runningMean and runningVar, but has none');
    refuses(
      () => batchNorm2d(x, { training: true, runningMean: Tensor.zeros([3]) }),
      ArgumentError,
      'batchNorm2d: got runningMean without runningVar.',
    );
  });

  test('shapes that do not fit', () => {
    const weight = Tensor.zeros([4]);
    refuses(
      () => batchNorm2d(x, { training: true, weight }),
      ShapeError,
      'batchNorm2d: weight has shape [4], but needs [3], one value for each channel of x.',
    );
    refuses(
      () => batchNorm2d(x, { training: false, runningMean: weight, runningVar: weight }),
      ShapeError,
      'runningMean has shape [4]',
    );
    refuses(() => batchNorm2d(Tensor.zeros([2, 3]), { training: true }), ShapeError, 'needs 4 axes, [N, C, H, W]');
  });

  test('eps and momentum out of range', () => {
    refuses(() => batchNorm2d(x, { training: true, eps: -1 }), ArgumentError, 'eps is -1');
    refuses(() => batchNorm2d(x, { training: true, momentum: 2 }), ArgumentError, 'momentum is 2');
  });
});
