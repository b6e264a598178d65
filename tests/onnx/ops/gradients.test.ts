import { expect, test } from 'vitest';
import { gradcheck } from '../../../src/debug/gradcheck.js';
import { cumulativeSum } from '../../../src/onnx/ops/cumulativeSum.js';
import { dilatedMaxPool2d } from '../../../src/onnx/ops/dilatedMaxPool2d.js';
import { gatherElements } from '../../../src/onnx/ops/gatherElements.js';
import { maximum, minimum } from '../../../src/onnx/ops/pairwise.js';
import { clip, pointwise } from '../../../src/onnx/ops/pointwise.js';
import { quantize } from '../../../src/onnx/ops/quantize.js';
import { takeAlong } from '../../../src/onnx/ops/takeAlong.js';
import { where } from '../../../src/onnx/ops/where.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import { distinct, gradientsOf } from '../../../testing/gradients.js';

/** Numbers without ties, around 0 but not at it. */
function apart(shape: number[], shift = 0.03): { shape: number[]; values: number[] } {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, values: distinct(size).map((v) => v - 0.05 * size + shift) };
}

const cases: [string, (...xs: Tensor[]) => Tensor, { shape: number[]; values: number[] }[]][] = [
  ['clip', (x) => clip(x, -0.5, 0.75), [apart([2, 3, 4])]],
  ['pointwise', (x) => pointwise('sin', x, Math.sin, Math.cos), [apart([2, 3])]],
  ['maximum, with broadcasting', maximum, [apart([2, 3, 4]), apart([3, 1], 0.06)]],
  ['minimum, with broadcasting', minimum, [apart([4]), apart([2, 3, 1], 0.06)]],
  [
    'where, with broadcasting',
    (a, b) => where(Tensor.from([1, 0, 1, 0], [4]), a, b),
    [apart([2, 3, 4]), apart([3, 1])],
  ],
  ['takeAlong, entries several times', (x) => takeAlong(x, 1, [2, 0, 2, 2]), [apart([2, 3, 4])]],
  ['gatherElements', (x) => gatherElements('gather', x, [2, 2], Int32Array.of(5, 0, 5, 3)), [apart([2, 3])]],
  ['cumulativeSum', (x) => cumulativeSum(x, 1, { reverse: false, exclusive: false }), [apart([2, 3, 4])]],
  [
    'cumulativeSum, reverse, exclusive',
    (x) => cumulativeSum(x, 1, { reverse: true, exclusive: true }),
    [apart([2, 3, 4])],
  ],
  [
    'dilatedMaxPool2d',
    (x) => dilatedMaxPool2d(x, { kernelSize: [2, 3], stride: [2, 1], dilation: [2, 2] }),
    [apart([2, 2, 7, 6])],
  ],
];

test.each(cases)('the gradient of %s is that of central differences', (_, fn, inputs) => {
  expect(gradcheck(fn, inputs).maxError).toBeLessThan(1e-7);
});

test('equal operands share the gradient of a maximum', () => {
  const [a, b] = [Tensor.from([1, 2, 3]), Tensor.from([1, 1, 4])];
  expect(gradientsOf(maximum, [a, b], Tensor.from([2, 2, 2]))).toEqual([
    [1, 2, 0],
    [1, 0, 2],
  ]);
});

test('gradients pass through rounding, where nothing was cut', () => {
  const x = Tensor.from([-400, 0.3, 1.2, 400]);
  const fn = (t: Tensor): Tensor => quantize(t, Tensor.full([], 0.5), Tensor.full([], 1), [-128, 127]);
  expect(fn(x).toArray()).toEqual([-128, 2, 3, 127]);
  expect(gradientsOf(fn, [x], Tensor.ones([4]))).toEqual([[0, 2, 2, 0]]);
});
