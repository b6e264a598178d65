import { expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { normal } from '../../src/layers/init.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { createModel } from '../../src/models/index.js';
import { Tensor } from '../../src/tensor/tensor.js';

it('makes layers of zeros and draws nothing', () => {
  manualSeed(4);
  const before = new Conv2d(1, 2, 3).weight.data.slice();
  manualSeed(4);
  const empty = withoutInit(() => new Conv2d(1, 2, 3));
  expect([...empty.weight.data].every((v) => v === 0)).toBe(true);
  expect([...new Conv2d(1, 2, 3).weight.data]).toEqual([...before]);
});

it('leaves norms at one, and other tensors as they are', () => {
  const model = withoutInit(() => createModel('cifar_net'));
  expect([...model.stateDict()].filter(([, { data }]) => data.some((v) => v !== 0)).map(([key]) => key)).toEqual(
    [1, 2, 3].flatMap((i) => [`bn${i}.weight`, `bn${i}.running_var`]),
  );
  expect(withoutInit(() => normal(Tensor.from([5, 6]))).toArray()).toEqual([5, 6]);
});

it('ends when its function throws, and nests', () => {
  expect(() =>
    withoutInit(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(new Conv2d(1, 2, 3).weight.data.some((v) => v !== 0)).toBe(true);
  withoutInit(() => {
    withoutInit(() => undefined);
    expect(new Conv2d(1, 2, 3).weight.data.some((v) => v !== 0)).toBe(false);
  });
});
