import { expect, it } from 'vitest';
import { trace } from '../../src/debug/trace.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { fan } from '../../src/layers/fans.js';
import { Linear } from '../../src/layers/linear.js';
import type { Module } from '../../src/layers/module.js';
import { CifarNet } from '../../src/models/cifarNet.js';
import { createModel } from '../../src/models/index.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Multiply-adds an image: each output of a convolution or linear layer takes as many as its filter has weights. */
function countMacs(model: Module): number {
  let macs = 0;
  trace(
    model,
    () => model.predict(Tensor.zeros([1, 3, 32, 32])),
    (_name, module, _x, y) => {
      if (module instanceof Conv2d || module instanceof Linear)
        macs += (y.size * module.weight.size) / module.weight.shape[0];
    },
  );
  return macs;
}

function countParameters(model: Module): number {
  return [...model.parameters()].reduce((sum, p) => sum + p.size, 0);
}

it.each([
  ['cifar_net', 21_142, 1_666_560],
  ['vgg_small', 288_746, 38_634_752],
  ['resnet20', 269_722, 40_551_040],
  ['resnet56', 853_018, 125_485_696],
])('%s has %i parameters and %i multiply-adds, as its documentation says', (name, parameters, macs) => {
  const model = createModel(name);
  expect(countParameters(model)).toBe(parameters);
  expect(countMacs(model)).toBe(macs);
});

it('is a short list of layers', () => {
  expect([...new CifarNet().namedChildren()].map(([name]) => name)).toEqual([
    'conv1',
    'bn1',
    'conv2',
    'bn2',
    'conv3',
    'bn3',
    'fc',
  ]);
});

it.each([
  ['resnet20', 'fanIn'],
  ['vgg_small', 'fanOut'],
] as const)('%s starts its convolutions normal with variance 2 / %s, as He et al. do', (name, mode) => {
  let checked = 0;
  for (const [key, module] of createModel(name).namedModules()) {
    if (!(module instanceof Conv2d) || module.weight.size < 2000) continue;
    const { data, shape } = module.weight;
    const variance = data.reduce((sum, v) => sum + v * v, 0) / data.length;
    // Five standard deviations of the mean of n squares of normal draws, each of relative deviation sqrt(2).
    const stray = Math.abs((variance * fan(name, shape, mode)) / 2 - 1);
    expect(stray, key).toBeLessThan(5 * Math.sqrt(2 / data.length));
    checked++;
  }
  expect(checked).toBeGreaterThan(4);
});
