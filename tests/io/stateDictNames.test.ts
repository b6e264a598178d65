import { expect, test } from 'vitest';
import { renamed } from '../../src/io/stateDictNames.js';

const names = (keys: string[], options = {}, guess = {}): string[] => [
  ...renamed(
    keys.map((key) => [key, 0]),
    options,
    guess,
  ).keys(),
];

test.each([
  ['DataParallel', ['module.a.weight', 'module.a.bias']],
  ['torch.compile', ['_orig_mod.a.weight', '_orig_mod.a.bias']],
  ['both, either way around', ['module._orig_mod.a.weight', 'module._orig_mod.a.bias']],
  ['AveragedModel, which counts outside', ['n_averaged', 'module.a.weight', 'module.a.bias']],
])('what %s puts before all names is taken off', (_, keys) => {
  expect(names(keys)).toEqual(['a.weight', 'a.bias']);
});

test('what stands before some names belongs to them', () => {
  expect(names(['module.a', 'head.b'])).toEqual(['module.a', 'head.b']);
});

test("'model.' is taken off what PyTorch Lightning saved, and stays elsewhere", () => {
  expect(names(['model.a', 'model.b'])).toEqual(['model.a', 'model.b']);
  expect(names(['model.a', 'model.b'], {}, { lightning: true })).toEqual(['a', 'b']);
  expect(names(['model.a', 'loss.b'], {}, { lightning: true })).toEqual(['model.a', 'loss.b']);
});

test('a prefix of any name is taken off where the model fits behind it', () => {
  expect(names(['net.body.a.w', 'net.body.b.w'], {}, { wanted: ['a.w', 'b.w'] })).toEqual(['a.w', 'b.w']);
  expect(names(['net.body.a.w', 'net.body.b.w'], {}, { wanted: ['a.w', 'c.w'] })).toEqual([
    'net.body.a.w',
    'net.body.b.w',
  ]);
  expect(names(['module.a', 'module.b'], {}, { wanted: ['module.a', 'module.b'] })).toEqual(['module.a', 'module.b']);
});

test('a prefix that is given is taken off as it is', () => {
  expect(names(['module.a', 'b'], { prefix: 'module.' })).toEqual(['a', 'b']);
  expect(names(['module.a'], { prefix: '' })).toEqual(['module.a']);
});
