import { describe, expect, it } from 'vitest';
import { ArgumentError, StateDictError } from '../../src/base/errors.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { Adam } from '../../src/optim/adam.js';
import type { OptimizerState } from '../../src/optim/optimizerState.js';
import { SGD } from '../../src/optim/sgd.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { scope } from '../../src/tensor/scope.js';
import { normals } from '../../testing/arbitraries.js';
import { giveGradient, makers } from '../../testing/optimizers.js';

describe('step', () => {
  it('uses a gradient once: a second step without a backward pass changes nothing', () => {
    const p = new Parameter([1, 2]);
    const optimizer = new SGD([p], { learningRate: 1 });
    giveGradient(p, [1, 1]);
    optimizer.step();
    optimizer.step();
    expect([...p.data]).toEqual([0, 1]);
    expect(p.grad?.toArray()).toEqual([1, 1]);
  });

  it('lets the next backward pass start from zero', () => {
    const p = new Parameter([0]);
    const optimizer = new SGD([p], { learningRate: 1 });
    giveGradient(p, [1]);
    optimizer.step();
    giveGradient(p, [2]);
    expect(p.grad?.toArray()).toEqual([2]);
  });

  it('adds up the backward passes before it', () => {
    const p = new Parameter([0]);
    const optimizer = new SGD([p], { learningRate: 1 });
    giveGradient(p, [1]);
    giveGradient(p, [2]);
    optimizer.step();
    expect([...p.data]).toEqual([-3]);
  });

  it('leaves frozen parameters and those without a gradient alone, and does not count the step for them', () => {
    const [moved, frozen, idle] = [1, 1, 1].map((v) => new Parameter([v]));
    const optimizer = new Adam([moved, frozen, idle], { weightDecay: 1 });
    for (const p of [moved, frozen]) giveGradient(p, [1]);
    frozen.requiresGrad = false;
    optimizer.step();
    expect([frozen.data[0], idle.data[0]]).toEqual([1, 1]);
    expect(moved.data[0]).toBeLessThan(1);
    expect(optimizer.stateDict().steps).toEqual([1, 0, 0]);
    expect([...optimizer.stateDict().tensors.keys()]).toEqual(['0.mean', '0.square']);
  });

  it('zeroGrad forgets the gradients', () => {
    const p = new Parameter([1]);
    const optimizer = new SGD([p]);
    giveGradient(p, [1]);
    optimizer.zeroGrad();
    optimizer.step();
    expect(p.grad).toBeNull();
    expect([...p.data]).toEqual([1]);
  });

  it('moves a parameter that is listed twice once', () => {
    const p = new Parameter([3]);
    const optimizer = new SGD([p, p], { learningRate: 1 });
    giveGradient(p, [1]);
    optimizer.step();
    expect([...p.data]).toEqual([2]);
  });

  it('keeps its state when the scope around the step closes, and dispose gives it back', () => {
    const p = new Parameter([1, 2, 3]);
    const optimizer = new SGD([p], { learningRate: 1, momentum: 1 });
    giveGradient(p, [1, 1, 1]);
    const before = memoryInfo().liveBytes;
    scope(() => optimizer.step());
    giveGradient(p, [0, 0, 0]);
    scope(() => optimizer.step());
    expect([...p.data]).toEqual([-1, 0, 1]);
    expect(memoryInfo().liveBytes).toBeGreaterThan(before);
    optimizer.dispose();
    expect(memoryInfo().liveBytes).toBe(before);
  });
});

describe('groups and learning rates', () => {
  const pair = (): [Parameter, Parameter] => [new Parameter([0]), new Parameter([0])];

  function stepped(optimizer: SGD, params: Parameter[]): number[] {
    for (const p of params) giveGradient(p, [1]);
    optimizer.step();
    return params.map((p) => p.data[0]);
  }

  it('a group overrides what it names and takes the rest from the optimizer', () => {
    const [a, b] = pair();
    const optimizer = new SGD(
      [
        { params: [a], weightDecay: 0.5 },
        { params: [b], learningRate: 2 },
      ],
      {
        learningRate: 8,
        momentum: 0.25,
      },
    );
    expect(optimizer.groups.map((g) => [g.options.weightDecay, g.options.momentum, g.learningRateScale])).toEqual([
      [0.5, 0.25, 1],
      [0, 0.25, 0.25],
    ]);
    expect(stepped(optimizer, [a, b])).toEqual([-8, -2]);
  });

  it('setting the learning rate moves every group in proportion', () => {
    const [a, b] = pair();
    const optimizer = new SGD([{ params: [a] }, { params: [b], learningRate: 2 }], { learningRate: 8 });
    optimizer.learningRate = 4;
    expect(optimizer.learningRate).toBe(4);
    expect(stepped(optimizer, [a, b])).toEqual([-4, -1]);
  });

  it('options of a group may change under way: momentum begins with the gradient, without dampening', () => {
    const p = new Parameter([0]);
    const optimizer = new SGD([p], { learningRate: 1, dampening: 0.5 });
    stepped(optimizer, [p]);
    optimizer.groups[0].options.momentum = 0.5;
    expect(stepped(optimizer, [p])).toEqual([-2]);
  });

  it('takes generators, and undefined options as left out', () => {
    const [a, b] = pair();
    function* all(): Generator<Parameter> {
      yield a;
      yield b;
    }
    const optimizer = new SGD([{ params: all(), momentum: undefined }], { learningRate: undefined });
    expect([...optimizer.parameters()]).toEqual([a, b]);
    expect(optimizer.learningRate).toBe(0.001);
  });

  it('refuses what is no list of parameters with a sentence', () => {
    const [a, b] = pair();
    expect(() => new SGD([])).toThrow('SGD: there are no parameters.');
    const used = [new Parameter([1])].values();
    new SGD(used);
    expect(() => new SGD([{ params: [new Parameter([1])] }, { params: used }])).toThrow(
      'SGD: params of group 1 gave no Parameter. A generator',
    );
    expect(new SGD([{ params: [new Parameter([1])] }, { params: [] }]).groups).toHaveLength(2);
    expect(() => new SGD(5 as unknown as Parameter[])).toThrow('SGD: params must be iterable');
    expect(() => new SGD(['a'] as unknown as Parameter[])).toThrow(
      'SGD: group 0 contains something that is not a Parameter (string).',
    );
    expect(() => new SGD([{ params: [a] }, { params: [b, a] }])).toThrow('is in two groups');
    expect(() => new SGD([{ params: [a], momentum: -1 }])).toThrow('SGD: momentum is -1');
    expect(() => new SGD([{ params: [a], learningRate: 1 }], { learningRate: 0 })).toThrow(
      'SGD: a group has learningRate 1, which has no ratio to the base learningRate 0.',
    );
    const optimizer = new SGD([a]);
    expect(() => {
      optimizer.learningRate = Number.NaN;
    }).toThrow(ArgumentError);
  });
});

describe('stateDict and loadStateDict', () => {
  const cases: [string, Record<string, unknown>][] = [
    ['SGD', { momentum: 0.9, nesterov: true }],
    ['SGD', {}],
    ['Adam', {}],
    ['AdamW', {}],
    ['RMSprop', { centered: true, momentum: 0.5 }],
    ['Adagrad', { initialAccumulator: 1, learningRateDecay: 0.5 }],
    ['Adadelta', {}],
  ];

  /** As a checkpoint file has it: JSON and float arrays. */
  function throughFile(state: OptimizerState): OptimizerState {
    const { tensors, ...rest } = state;
    return { ...JSON.parse(JSON.stringify(rest)), tensors: structuredClone(tensors) };
  }

  it.each(cases)('%s %o goes on with the same bytes after save and load', (name, options) => {
    const grads = Array.from({ length: 8 }, (_, t) => normals(6, t));
    const run = (stop: number | null): Float32Array => {
      let p = new Parameter(normals(6, 'start'), [2, 3]);
      let optimizer = makers[name]([p], options);
      grads.forEach((grad, t) => {
        if (t === stop) {
          const state = throughFile(optimizer.stateDict());
          p = new Parameter(Float32Array.from(p.data), [2, 3]);
          optimizer = makers[name]([p], { learningRate: 123 });
          optimizer.loadStateDict(state);
        }
        optimizer.learningRate = 0.1 / (t + 1);
        giveGradient(p, grad);
        optimizer.step();
      });
      return Float32Array.from(p.data);
    };
    expect(run(4)).toEqual(run(null));
  });

  it('restores learning rates and options of groups', () => {
    const make = (rate: number): SGD => {
      const [a, b] = [new Parameter([0]), new Parameter([0])];
      return new SGD([{ params: [a] }, { params: [b], learningRate: rate / 2, weightDecay: rate }], {
        learningRate: rate,
      });
    };
    const [from, to] = [make(0.5), make(0.25)];
    from.groups[1].learningRateScale = 3;
    to.loadStateDict(from.stateDict());
    expect(to.stateDict()).toEqual(from.stateDict());
  });

  it('lists the tensors by parameter, then by name', () => {
    const params = [new Parameter([0]), new Parameter([0])];
    const optimizer = makers.RMSprop(params, { centered: true, momentum: 0.5 });
    for (const p of params) giveGradient(p, [1]);
    optimizer.step();
    const names = ['mean', 'momentum', 'square'];
    const keys = [...names.map((name) => `0.${name}`), ...names.map((name) => `1.${name}`)];
    expect([...optimizer.stateDict().tensors.keys()]).toEqual(keys);
  });

  it('holds copies', () => {
    const p = new Parameter([0]);
    const optimizer = new SGD([p], { learningRate: 1, momentum: 1 });
    giveGradient(p, [1]);
    optimizer.step();
    const state = optimizer.stateDict();
    giveGradient(p, [1]);
    optimizer.step();
    expect(state.tensors.get('0.momentum')?.data).toEqual(Float32Array.of(1));
  });

  describe('refuses a state that does not fit, and stays as it was', () => {
    const saved = (change: (s: OptimizerState) => void): OptimizerState => {
      const p = new Parameter([0, 0]);
      const optimizer = new Adam([p]);
      giveGradient(p, [1, 2]);
      optimizer.step();
      const state = optimizer.stateDict();
      change(state);
      return state;
    };
    const tensor = (n: number) => ({ shape: [n], data: new Float32Array(n) });

    it.each<[string, (s: OptimizerState) => void]>([
      ['it was saved by SGD', (s) => (s.optimizer = 'SGD')],
      ['its groups hold [2] parameters, these [1]', (s) => (s.groups[0].size = 2)],
      [
        'group 0 has the options betas, eps instead of betas, eps, weightDecay',
        (s) => delete s.groups[0].options.weightDecay,
      ],
      ['group 0 has learningRateScale -1', (s) => (s.groups[0].learningRateScale = -1)],
      ['group 0 has betas [0.9], here it is [0.9,0.999]', (s) => (s.groups[0].options.betas = [0.9])],
      ['group 0 has eps "1e-8", here it is 1e-8', (s) => Object.assign(s.groups[0].options, { eps: '1e-8' })],
      ['a group has no options', (s) => Object.assign(s, { groups: [null] })],
      [
        'it is not what stateDict() gives: it needs groups, steps and tensors',
        (s) => Object.assign(s, { groups: undefined }),
      ],
      ['its learningRate is NaN', (s) => (s.learningRate = Number.NaN)],
      ['it counts the steps of 0 parameters, here are 1', (s) => (s.steps = [])],
      ['a step count is -1', (s) => (s.steps = [-1])],
      ["the tensor '7.mean' belongs to no parameter", (s) => s.tensors.set('7.mean', tensor(2))],
      ["the tensor '.mean' belongs to no parameter", (s) => s.tensors.set('.mean', tensor(2))],
      ["the tensor '0.mean' has shape [3] and 3 values, its parameter [2]", (s) => s.tensors.set('0.mean', tensor(3))],
    ])('%s', (problem, change) => {
      const p = new Parameter([0, 0]);
      const optimizer = new Adam([p]);
      giveGradient(p, [1, 2]);
      optimizer.step();
      const before = optimizer.stateDict();
      expect(() => optimizer.loadStateDict(saved(change))).toThrow(
        new StateDictError(`Adam.loadStateDict: the state does not fit: ${problem}. Nothing was loaded.`),
      );
      expect(optimizer.stateDict()).toEqual(before);
    });

    it('options out of range', () => {
      const optimizer = new Adam([new Parameter([0, 0])]);
      const state = saved((s) => (s.groups[0].options.eps = -1));
      expect(() => optimizer.loadStateDict(state)).toThrow('Adam: eps is -1, but must be >= 0 and finite.');
    });
  });
});
