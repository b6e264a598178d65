import { describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { CifarBlock, CifarResnet, type CifarResnetDepth, PadShortcut } from '../../src/models/cifarResnet.js';
import { createModel } from '../../src/models/index.js';
import { uniform } from '../../src/tensor/ops/math/random.js';
import { Tensor } from '../../src/tensor/tensor.js';

function countParameters(model: { parameters(): Iterable<{ size: number }> }): number {
  let count = 0;
  for (const p of model.parameters()) count += p.size;
  return count;
}

describe('CifarResnet', () => {
  it.each<[CifarResnetDepth, number, number]>([
    [20, 269_722, 272_474],
    [32, 464_154, 466_906],
    [44, 658_586, 661_338],
    [56, 853_018, 855_770],
    [110, 1_727_962, 1_730_714],
  ])('of depth %i has %i parameters with option A and %i with option B', (depth, a, b) => {
    expect(countParameters(new CifarResnet(depth))).toBe(a);
    expect(countParameters(createModel(`resnet${depth}`, { shortcut: 'B' }))).toBe(b);
  });

  it('has as many weighted layers on its main path as its name says', () => {
    const convolutions = [...new CifarResnet(56).namedModules()].filter(([, m]) => m instanceof Conv2d);
    expect(convolutions.length + 1).toBe(56);
  });

  it('names its weights as the published checkpoints do', () => {
    const keys = [...new CifarResnet(20).stateDict().keys()];
    const norm = ['weight', 'bias', 'running_mean', 'running_var'];
    expect(keys.slice(0, 11)).toEqual([
      'conv1.weight',
      ...norm.map((n) => `bn1.${n}`),
      'layer1.0.conv1.weight',
      ...norm.map((n) => `layer1.0.bn1.${n}`),
      'layer1.0.conv2.weight',
    ]);
    expect(keys.slice(-2)).toEqual(['linear.weight', 'linear.bias']);
    expect(keys.some((key) => key.includes('shortcut'))).toBe(false);
    expect(keys.length).toBe(5 * 19 + 2);
  });

  it('option B adds a convolution and a batch norm where sizes change', () => {
    const added = [...new CifarResnet(20, { shortcut: 'B' }).stateDict().keys()].filter((key) =>
      key.includes('shortcut'),
    );
    expect(added.length).toBe(10);
    expect(added[0]).toBe('layer2.0.shortcut.0.weight');
    expect(added[1]).toBe('layer2.0.shortcut.1.weight');
  });

  it('refuses another option', () => {
    expect(() => new CifarResnet(20, { shortcut: 'C' as 'A' })).toThrow(
      "resnet20: shortcut is 'C', but must be one of 'A', 'B'.",
    );
  });
});

describe('stochastic depth', () => {
  const options = { stochasticDepth: 0.5 };

  it('skips later blocks more often, in proportion to their depth', () => {
    const model = new CifarResnet(20, options);
    const drops = [...model.namedModules()].flatMap(([, m]) => (m instanceof CifarBlock ? [m.stochasticDepth?.p] : []));
    expect(drops).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => (0.5 * i) / 9));
  });

  it('keeps the weights and their names, and says the same in evaluation', () => {
    manualSeed(1);
    const plain = createModel('resnet20');
    manualSeed(1);
    const model = createModel('resnet20', options);
    expect([...model.stateDict().keys()]).toEqual([...plain.stateDict().keys()]);
    const x = uniform([2, 3, 8, 8]);
    expect([...model.predict(x).data]).toEqual([...plain.predict(x).data]);
  });

  it('adds a branch to no image, or doubled to it: x, or x + 2 where the branch gives 1', () => {
    const block = new CifarBlock(1, 1, 1, 'A', 0.5);
    block.bn2.weight?.data.fill(0);
    block.bn2.bias?.data.fill(1);
    const values = [...block.forward(Tensor.ones([64, 1, 1, 1])).data];
    expect(new Set(values)).toEqual(new Set([1, 3]));
    expect([...block.eval().forward(Tensor.ones([2, 1, 1, 1])).data]).toEqual([2, 2]);
  });

  it('refuses a probability outside 0 to 1', () => {
    expect(() => createModel('resnet20', { stochasticDepth: 1.5 })).toThrow(
      'resnet20: stochasticDepth is 1.5, but must be between 0 and 1.',
    );
  });
});

describe('PadShortcut', () => {
  it('takes every second pixel and puts zero channels before and behind', () => {
    const x = Tensor.from([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
    const zeros = [
      [0, 0],
      [0, 0],
    ];
    expect(new PadShortcut(1, 3, 2).forward(x).toArray()).toEqual([
      [
        zeros,
        [
          [1, 3],
          [7, 9],
        ],
        zeros,
      ],
    ]);
    expect(new PadShortcut(1, 2, 2).forward(x).toArray()).toEqual([
      [
        [
          [1, 3],
          [7, 9],
        ],
        zeros,
      ],
    ]);
  });
});

describe('CifarBlock', () => {
  it('adds its input to what its convolutions make: with a silent second norm it is relu(x)', () => {
    const block = new CifarBlock(2, 2, 1, 'A');
    block.bn2.weight?.data.fill(0);
    const x = Tensor.from([-1, 2, 3, -4, 5, -6, 7, 8], [1, 2, 2, 2]);
    expect([...block.forward(x).data]).toEqual([0, 2, 3, 0, 5, 0, 7, 8]);
  });
});
