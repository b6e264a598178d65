import { describe, expect, it } from 'vitest';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Linear } from '../../src/layers/linear.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { Lookahead } from '../../src/optim/lookahead.js';
import { tables, withTable } from '../../testing/tables.js';

function layer(...weights: number[]): Linear {
  const linear = new Linear(weights.length, 1, { bias: false });
  linear.weight.data.set(weights);
  return linear;
}

describe.each(tables)('ExponentialMovingAverage (%s)', (_, table) => {
  it('by hand: a quarter of the new weights joins at each step', () => {
    withTable(table, () => {
      const model = layer(8, -16);
      const average = new ExponentialMovingAverage(model, { decay: 0.75, warmup: false });
      model.weight.data.set([0, 0]);
      average.update(1);
      model.weight.data.set([4, 16]);
      average.update(2);
      average.swap();
      // 8 -> 6 -> 5.5; -16 -> -12 -> -5
      expect([...model.weight.data]).toEqual([5.5, -5]);
      average.swap();
      expect([...model.weight.data]).toEqual([4, 16]);
    });
  });

  it('keeps little at first, and passes over steps', () => {
    withTable(table, () => {
      const model = layer(11);
      const average = new ExponentialMovingAverage(model, { decay: 0.999, every: 2 });
      model.weight.data.set([0]);
      average.update(1);
      average.update(2);
      average.swap();
      // (1 + 2) / (10 + 2) of 11
      expect([...model.weight.data]).toEqual([2.75]);
    });
  });
});

it('frozen weights stay as they are, to the bit', () => {
  const model = layer(0.1, 0.3);
  model.requiresGrad(false);
  const lookahead = new Lookahead(model, { every: 1, decay: 0.7 });
  for (let step = 1; step <= 20; step++) lookahead.update(step, 0);
  expect([...model.weight.data]).toEqual([0.1, 0.3].map(Math.fround));
});

it('buffers are averaged too', () => {
  const norm = new BatchNorm2d(2);
  const average = new ExponentialMovingAverage(norm, { decay: 0.5, warmup: false });
  norm.runningMean?.data.set([4, 6]);
  average.update(1);
  average.swap();
  expect([...(norm.runningMean?.data ?? [])]).toEqual([2, 3]);
});

describe.each(tables)('Lookahead (%s)', (_, table) => {
  it('by hand: every two steps the slow weights go half the way, and the fast ones return to them', () => {
    withTable(table, () => {
      const model = layer(0);
      const lookahead = new Lookahead(model, { every: 2 });
      model.weight.data.set([3]);
      lookahead.update(1, 0.1);
      expect([...model.weight.data]).toEqual([3]);
      model.weight.data.set([8]);
      lookahead.update(2, 0.2);
      expect([...model.weight.data]).toEqual([4]);
      model.weight.data.set([100]);
      lookahead.finish();
      expect([...model.weight.data]).toEqual([4]);
    });
  });

  it('a decay of 0 is no lookahead, to the bit', () => {
    withTable(table, () => {
      const model = layer(1);
      const lookahead = new Lookahead(model, { every: 1, decay: (progress) => progress });
      model.weight.data.set([0.1]);
      lookahead.update(1, 0);
      expect([...model.weight.data]).toEqual([Math.fround(0.1)]);
    });
  });
});

it.each([
  ['ExponentialMovingAverage', (model: Linear) => new ExponentialMovingAverage(model, { every: 2 })],
  ['Lookahead', (model: Linear) => new Lookahead(model, { every: 2 })],
] as const)('%s: state saved and loaded; the state of another model is refused', (name, make) => {
  const model = layer(1, 2);
  const average = make(model);
  average.update(1, 0);
  model.weight.data.set([5, 6]);
  const again = make(model);
  again.loadStateDict(average.stateDict());
  again.swap();
  expect([...model.weight.data]).toEqual([1, 2]);
  expect(() => again.loadStateDict(make(layer(1)).stateDict())).toThrow(
    `${name}.loadStateDict: weight has shape [1, 1], but the model has [1, 2]. Nothing was loaded.`,
  );
});

describe('updates that count for themselves', () => {
  it('average as those that are told the step', () => {
    const [own, told] = [layer(1), layer(1)];
    const averages = [
      new ExponentialMovingAverage(own, { every: 2 }),
      new ExponentialMovingAverage(told, { every: 2 }),
    ];
    for (let step = 1; step <= 7; step++) {
      own.weight.data.set([step]);
      told.weight.data.set([step]);
      averages[0]?.update();
      averages[1]?.update(step);
    }
    for (const average of averages) average.swap();
    expect([...own.weight.data]).toEqual([...told.weight.data]);
    expect(own.weight.item()).not.toBe(7);
    expect(own.weight.item()).not.toBe(1);
  });

  it('go on counting after a state was loaded', () => {
    const model = layer(0);
    const [first, second] = [new Lookahead(model, { every: 3 }), new Lookahead(model, { every: 3 })];
    first.update();
    first.update();
    const { values, tensors } = first.stateDict();
    second.loadStateDict({ values: JSON.parse(JSON.stringify(values)), tensors });
    model.weight.data.set([8]);
    second.update();
    expect(model.weight.item()).toBe(4);
  });

  it('refuse steps and shares that are no numbers, which would spoil the weights', () => {
    const model = layer(1);
    expect(() => new ExponentialMovingAverage(model).update(0.5)).toThrow(
      'step is 0.5, but must be a whole number >= 0',
    );
    expect(() => new Lookahead(model, { every: 1, decay: (progress) => progress }).update(1)).toThrow(
      'Lookahead: decay is NaN',
    );
    expect(() => new ExponentialMovingAverage(model, { decay: () => 2, warmup: false }).update()).toThrow('decay is 2');
    expect(model.weight.item()).toBe(1);
    const average = new ExponentialMovingAverage(model);
    average.update();
    const { tensors } = average.stateDict();
    expect(() => average.loadStateDict({ values: { step: -1 }, tensors })).toThrow('loadStateDict: step is -1');
  });
});

it.each([
  ['ExponentialMovingAverage', (model: Linear) => new ExponentialMovingAverage(model).swap()],
  ['Lookahead', (model: Linear) => new Lookahead(model).swap()],
  ['Lookahead', (model: Linear) => new Lookahead(model).finish()],
] as const)('%s: without an update the weights from before training do not come back', (name, end) => {
  expect(() => end(layer(1))).toThrow(
    `${name}: there was no update, so this still has the weights from before training.`,
  );
});

it('options out of range get a sentence', () => {
  expect(() => new ExponentialMovingAverage(layer(1), { decay: 1.5 })).toThrow('decay is 1.5');
  expect(() => new Lookahead(layer(1), { every: 0 })).toThrow('every is 0');
  expect(() => new ExponentialMovingAverage(layer(1), { decai: 0.9 } as object)).toThrow("Did you mean 'decay'?");
  expect(() => new Lookahead(layer(1), { evry: 2 } as object)).toThrow("Did you mean 'every'?");
});
