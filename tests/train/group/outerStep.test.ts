import { describe, expect, test } from 'vitest';
import { Linear } from '../../../src/layers/linear.js';
import { OuterStep } from '../../../src/train/group/outerStep.js';
import { memoryGroup } from '../../../testing/memoryGroup.js';
import { type Change, trained } from './trainRanks.js';

const plain: Change = () => ({ mix: undefined, labelSmoothing: undefined, average: undefined });

describe('OuterStep', () => {
  test('makes a Nesterov step with the mean of what the ranks have learned', async () => {
    const { ranks } = memoryGroup(2);
    const models = ranks.map(() => new Linear(1, 1, { bias: false }));
    for (const model of models) model.weight.data[0] = 10;
    const outer = models.map(
      (model, i) => new OuterStep(model, ranks[i], { steps: 1, learningRate: 0.5, momentum: 0.5 }),
    );
    const exchange = async (step: number, values: [number, number]): Promise<number[]> => {
      for (const [i, model] of models.entries()) model.weight.data[0] = values[i];
      await Promise.all(outer.map((one) => one.exchange(step)));
      return models.map((model) => model.weight.data[0]);
    };
    // d = mean(10 - 6, 10 - 8) = 3, v = 3: 10 - 0.5 * (3 + 0.5 * 3) = 7.75
    expect(await exchange(1, [6, 8])).toEqual([7.75, 7.75]);
    // d = 1, v = 0.5 * 3 + 1 = 2.5: 7.75 - 0.5 * (1 + 0.5 * 2.5) = 6.625
    expect(await exchange(2, [6.75, 6.75])).toEqual([6.625, 6.625]);
    // Once per step.
    expect(await exchange(2, [0, 0])).toEqual([0, 0]);
  });
});

describe('local SGD', () => {
  const settings = { local: { steps: 3, momentum: 0.5 } };

  test('learns, and leaves the same weights on all ranks', async () => {
    const results = await trained(4, (own, model, group) => ({ ...plain(own, model, group), epochs: 15 }), settings);
    expect(results[0].history.epochs.at(-1)?.validationAccuracy).toBeGreaterThan(0.9);
    const [first, ...others] = results.map(({ model }) => [...model.stateDict().values()].map(({ data }) => [...data]));
    for (const other of others) expect(other).toEqual(first);
  });

  test('differs from exchanging gradients', async () => {
    const [local] = await trained(2, plain, settings);
    const [exact] = await trained(2, plain);
    expect(local.history.stepLoss).not.toEqual(exact.history.stepLoss);
  });

  test('saves the outer step in checkpoints', async () => {
    const [{ checkpoint }] = await trained(2, plain, settings);
    const again = await trained(
      2,
      (own, model, group) => ({ ...plain(own, model, group), resume: checkpoint }),
      settings,
    );
    expect(again[0].history.epochs).toHaveLength(5);
    const without = trained(2, (own, model, group) => ({ ...plain(own, model, group), resume: checkpoint }));
    await expect(without).rejects.toThrow('the checkpoint was written with');
  });

  test.each([
    [{ steps: 0 }, 'local.steps is 0, but must be a whole number >= 1'],
    [{ steps: 1, momentum: 1 }, 'local.momentum is 1'],
    [{ steps: 1, learningRate: 0 }, 'local.learningRate is 0'],
    [{ steps: 1, rate: 1 }, "there is no option 'rate'"],
  ])('refuses %j', (local, message) => {
    expect(() => memoryGroup(2, { local })).toThrow(message);
  });
});
