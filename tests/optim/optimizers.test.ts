import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Adadelta } from '../../src/optim/adadelta.js';
import { Adagrad } from '../../src/optim/adagrad.js';
import { Adam } from '../../src/optim/adam.js';
import { AdamW } from '../../src/optim/adamw.js';
import { RMSprop } from '../../src/optim/rmsprop.js';
import { SGD } from '../../src/optim/sgd.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { giveGradient, makers } from '../../testing/optimizers.js';
import { tables, withTable } from '../../testing/tables.js';
import { expectClose, gamma } from '../../testing/tolerance.js';

interface Golden {
  start: number[];
  grads: number[][];
  optimizers: { name: string; options: Record<string, unknown>; path: number[][] }[];
  groups: number[][];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/optimizers.json', import.meta.url), 'utf8'));

/** Parameter values after each step with a gradient. */
function path(name: string, options: Record<string, unknown>, start: number[], grads: number[][]): number[][] {
  const p = new Parameter(start, [start.length]);
  const optimizer = makers[name]([p], options);
  return grads.map((grad) => {
    giveGradient(p, grad);
    optimizer.step();
    return [...p.data];
  });
}

describe('worked by hand', () => {
  it('SGD walks against the gradient', () => {
    expect(path('SGD', { learningRate: 0.5 }, [1, 2], [[2, -4]])).toEqual([[0, 4]]);
  });

  it('SGD with momentum 0.5 adds half of the last step to this one', () => {
    // buffer 4, then 0.5 * 4 + 4 = 6, then 7
    expect(path('SGD', { learningRate: 1, momentum: 0.5 }, [20], [[4], [4], [4]])).toEqual([[16], [10], [3]]);
  });

  it('dampening takes its share from every gradient but the first', () => {
    // buffer 4, then 0.5 * 4 + 0.5 * 4 = 4
    expect(path('SGD', { learningRate: 1, momentum: 0.5, dampening: 0.5 }, [20], [[4], [4]])).toEqual([[16], [12]]);
  });

  it('Nesterov steps with the gradient and the momentum ahead', () => {
    // buffer 4: 4 + 0.5 * 4 = 6; buffer 6: 4 + 0.5 * 6 = 7
    expect(path('SGD', { learningRate: 1, momentum: 0.5, nesterov: true }, [20], [[4], [4]])).toEqual([[14], [7]]);
  });

  it('weight decay pulls towards zero when the gradient is zero', () => {
    expect(path('SGD', { learningRate: 0.5, weightDecay: 0.5 }, [8, -4], [[0, 0]])).toEqual([[6, -3]]);
  });

  it('the first step of Adam has the size of the learning rate', () => {
    expect(path('Adam', { learningRate: 1, eps: 0, betas: [0.5, 0.75] }, [5, 5, 5], [[3, -100, 7]])).toEqual([
      [4, 6, 4],
    ]);
  });

  it('AdamW shrinks the weight by learningRate * weightDecay before the step', () => {
    const options = { learningRate: 0.5, weightDecay: 0.5, eps: 0, betas: [0.5, 0.75] };
    expect(path('AdamW', options, [8], [[3]])).toEqual([[5.5]]);
  });

  it('the first step of RMSprop is the gradient over its root mean square', () => {
    // square = 0.25 * 16 = 4, step = 4 / 2
    expect(path('RMSprop', { learningRate: 1, alpha: 0.75, eps: 0 }, [5], [[4]])).toEqual([[3]]);
  });

  it('Adagrad divides by the root of the sum of squares', () => {
    // 3 / 3, then 4 / sqrt(9 + 16)
    expect(path('Adagrad', { learningRate: 5, eps: 0 }, [20], [[3], [4]])).toEqual([[15], [11]]);
  });

  it('the first step of Adadelta is sqrt(eps) / sqrt(square + eps) times the gradient', () => {
    // square = 0.5 * 16 = 8, so sqrt(1) / sqrt(8 + 1) * 4 = 4/3
    // 4/3 has no exact float32: three roundings of the 4 that is taken from 5.
    expectClose(path('Adadelta', { rho: 0.5, eps: 1, learningRate: 3 }, [5], [[4]])[0], [1], 4 * gamma(3));
  });
});

describe.each(tables)('ten steps agree with PyTorch (%s)', (_, table) => {
  it.each(golden.optimizers.map((c) => [c.name, JSON.stringify(c.options), c] as const))('%s %s', (_name, _text, c) => {
    withTable(table, () => {
      const ours = path(c.name, c.options, golden.start, golden.grads);
      const largest = Math.max(...c.path.flat().map(Math.abs));
      // PyTorch rounds each of at most 8 operations a step to float32, on numbers no larger than the weights and their steps.
      ours.forEach((p, t) => {
        expectClose(p, c.path[t], gamma(8 * (t + 1)) * 2 * largest, `step ${t + 1}`);
      });
    });
  });

  it('two groups, one with its own learning rate and weight decay, under a falling schedule', () => {
    withTable(table, () => {
      const [a, b] = [0, 1].map(() => new Parameter(golden.start, [golden.start.length]));
      const groups = [{ params: [a] }, { params: [b], learningRate: 0.01, weightDecay: 0.1 }];
      const optimizer = new SGD(groups, { learningRate: 0.1, momentum: 0.9 });
      golden.grads.forEach((grad, t) => {
        optimizer.learningRate = 0.1 * 0.8 ** t;
        for (const p of [a, b]) giveGradient(p, grad);
        optimizer.step();
      });
      for (const [i, p] of [a, b].entries()) {
        const largest = Math.max(...golden.groups[i].map(Math.abs));
        expectClose(p.data, golden.groups[i], gamma(80) * 2 * largest, `group ${i}`);
      }
    });
  });
});

describe.each(tables)('numerics (%s)', (_, table) => {
  it('centered RMSprop takes a variance that rounding made negative as 0', () => {
    const [p, grad, mean] = [5, 1, 1].map((v) => Float32Array.of(v));
    const square = Float32Array.of(1 - 2 ** -24);
    const options = { learningRate: 2, alpha: 0.5, eps: 1, weightDecay: 0, momentum: 0, centered: true };
    table.rmspropStep(p, grad, square, mean, null, options);
    expect([...p]).toEqual([3]);
  });
});

describe('options out of range get a sentence', () => {
  const p = (): Parameter[] => [new Parameter([1])];

  it.each([
    [() => new SGD(p(), { learningRate: -1 }), 'SGD: learningRate is -1, but must be >= 0 and finite.'],
    [() => new SGD(p(), { learningRate: Number.NaN }), 'SGD: learningRate is NaN, but must be >= 0 and finite.'],
    [() => new SGD(p(), { momentum: -0.1 }), 'SGD: momentum is -0.1, but must be >= 0 and finite.'],
    [() => new SGD(p(), { dampening: 2 }), 'SGD: dampening is 2, but must be >= 0 and <= 1.'],
    [
      () => new SGD(p(), { nesterov: true }),
      'SGD: nesterov needs momentum > 0 and dampening 0, but momentum is 0 and dampening 0.',
    ],
    [
      () => new SGD(p(), { nesterov: true, momentum: 0.9, dampening: 0.1 }),
      'SGD: nesterov needs momentum > 0 and dampening 0, but momentum is 0.9 and dampening 0.1.',
    ],
    [() => new SGD(p(), { nesterov: 1 as unknown as boolean }), 'SGD: nesterov is 1, but must be true or false.'],
    [() => new SGD(p(), { weightDecay: -1 }), 'SGD: weightDecay is -1, but must be >= 0 and finite.'],
    [() => new Adam(p(), { betas: [0.9, 1] }), 'Adam: each of betas is 1, but must be >= 0 and < 1.'],
    [
      () => new Adam(p(), { betas: 0.9 as unknown as [number, number] }),
      'Adam: betas is 0.9, but must be two numbers, as in [0.9, 0.999].',
    ],
    [() => new AdamW(p(), { eps: -1 }), 'AdamW: eps is -1, but must be >= 0 and finite.'],
    [() => new RMSprop(p(), { alpha: 1 }), 'RMSprop: alpha is 1, but must be >= 0 and < 1.'],
    [
      () => new Adagrad(p(), { initialAccumulator: -1 }),
      'Adagrad: initialAccumulator is -1, but must be >= 0 and finite.',
    ],
    [() => new Adadelta(p(), { rho: 1.5 }), 'Adadelta: rho is 1.5, but must be >= 0 and <= 1.'],
    [() => new Adadelta(p(), { eps: 0 }), 'Adadelta: eps is 0, but must be > 0 and finite.'],
    [
      () => new SGD(p(), { lr: 1 } as object),
      "SGD: there is no option 'lr'. The options are learningRate, momentum, dampening, nesterov, weightDecay.",
    ],
    [
      () => new SGD(p(), { learningRate: 1, wheightDecay: 0.1 } as object),
      "SGD: there is no option 'wheightDecay'. Did you mean 'weightDecay'?",
    ],
    [
      () => new SGD([{ params: p(), momentun: 0 } as object as { params: Parameter[] }], { learningRate: 1 }),
      "SGD: there is no option 'momentun'. Did you mean 'momentum'?",
    ],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});
