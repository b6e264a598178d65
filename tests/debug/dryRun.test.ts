import { expect, it } from 'vitest';
import { dryRun } from '../../src/debug/dryRun.js';
import { kernelsInUse } from '../../src/kernels/family.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { Tensor } from '../../src/tensor/tensor.js';

it('makes outputs of the right shapes and checks what it is given', () => {
  const w = Tensor.zeros([8, 3, 3, 3]);
  expect(dryRun(() => conv2d(Tensor.zeros([2, 3, 9, 9]), w, null).shape)).toEqual([2, 8, 7, 7]);
  expect(() => dryRun(() => conv2d(Tensor.zeros([2, 4, 9, 9]), w, null))).toThrow('has 4 channels');
});

it('computes nothing, but afterwards operations compute again, even when something threw', () => {
  const x = Tensor.from([-1, 1]);
  const table = kernelsInUse();
  expect(() =>
    dryRun(() => {
      expect(kernelsInUse()).not.toBe(table);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(kernelsInUse()).toBe(table);
  expect(relu(x).toArray()).toEqual([0, 1]);
});

it('takes no time for a convolution of a hundred billion multiply-adds', () => {
  const began = performance.now();
  const w = Tensor.zeros([512, 512, 3, 3]);
  dryRun(() => conv2d(Tensor.empty('test', [1, 512, 224, 224]), w, null, { padding: 1 }).dispose());
  expect(performance.now() - began).toBeLessThan(2000);
});
