import { beforeEach, describe, expect, test } from 'vitest';
import { NonFiniteError } from '../../src/base/errors.js';
import { manualSeed, randomState } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { SGD } from '../../src/optim/sgd.js';
import { mean } from '../../src/tensor/ops/math/mean.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { Tensor } from '../../src/tensor/tensor.js';
import {
  type FindLearningRateOptions,
  findLearningRate,
  type LearningRateSearch,
} from '../../src/train/findLearningRate.js';
import { fit } from '../../src/train/fit.js';
import { freeGarbage } from '../../testing/garbage.js';
import { halves } from './problems.js';

beforeEach(() => manualSeed(7));

function setup() {
  const model = new Sequential(new BatchNorm2d(1), new Flatten(), new Dropout(0.2), new Linear(16, 2));
  const optimizer = new SGD(model.parameters(), { learningRate: 0.125, momentum: 0.9 });
  const train = new DataLoader(halves(64), { batchSize: 16, shuffle: true, transform: (image) => image });
  return { model, optimizer, train };
}

/** Plain descent on the mean of two squared weights, 3 and 4 at the start. The gradient is the weights, so that a step multiplies them by 1 - rate. */
function parabola(options: Partial<FindLearningRateOptions>): Promise<LearningRateSearch> {
  const layer = new Linear(2, 1, { bias: false });
  layer.weight.data.set([3, 4]);
  const optimizer = new SGD(layer.parameters(), { learningRate: 1 });
  const train = [{ x: Tensor.from([1, 1], [1, 2]), labels: Int32Array.of(0) }];
  return findLearningRate(layer, { train, optimizer, loss: () => mean(mul(layer.weight, layer.weight)), ...options });
}

describe('on a parabola', () => {
  test('by hand: rates 1/4, 1/2 and 1 leave 3/4 and 3/8 of the weights', async () => {
    const { points, diverged } = await parabola({ from: 0.25, to: 1, steps: 3 });
    expect(points.map(({ learningRate }) => learningRate)).toEqual([0.25, 0.5, 1]);
    const start = 12.5;
    const losses = [start, (start * 9) / 16, (start * 9) / 64];
    expect(points.map(({ loss }) => loss)).toEqual(losses);
    const means = [(losses[0] + losses[1]) / 2, (losses[0] + losses[1] + losses[2]) / 3, (losses[1] + losses[2]) / 2];
    for (const [i, { smoothed }] of points.entries()) expect(smoothed).toBeCloseTo(means[i], 12);
    expect(diverged).toBe(false);
  });

  test('the loss is lowest near a rate of 2, above which descent diverges, and the suggestion lies well below', async () => {
    const { points, suggestion, highest, diverged } = await parabola({ from: 1e-3, to: 1e3, steps: 300 });
    expect(diverged).toBe(true);
    expect(points.length).toBeLessThan(300);
    expect(highest).toBeGreaterThan(1.4);
    expect(highest).toBeLessThan(2.8);
    // Most is gone when the sum of the rates so far, rate / log(ratio of two rates) = 21 rate, is about 1.
    expect(suggestion).toBeGreaterThan(0.01);
    expect(suggestion).toBeLessThan(0.2);
  });

  test('rates that are all too high: no suggestion but the first', async () => {
    const { suggestion, highest, diverged } = await parabola({ from: 4, to: 100 });
    expect([suggestion, highest, diverged]).toEqual([4, 4, true]);
  });
});

describe('on images', () => {
  test('training with the suggestion works, with a hundredth of it it does not', async () => {
    const { model, optimizer, train } = setup();
    const { suggestion } = await findLearningRate(model, { train, optimizer });
    const start = model.stateDict();
    const end = async (learningRate: number): Promise<number> => {
      model.loadStateDict(start);
      const history = await fit(model, {
        train,
        optimizer: new SGD(model.parameters(), { learningRate, momentum: 0.9 }),
        epochs: 4,
      });
      return history.epochs[3].loss;
    };
    expect(await end(suggestion)).toBeLessThan(0.35);
    expect(await end(suggestion / 100)).toBeGreaterThan(0.5);
  });

  test('a loss that is not finite ends the test, not the program', async () => {
    const { model, optimizer, train } = setup();
    const scaled = (output: Tensor): Tensor => mean(mul(mul(output, output), 1e30));
    const { points, diverged } = await findLearningRate(model, {
      train,
      optimizer,
      loss: scaled,
      from: 1e-32,
      to: 1e30,
    });
    expect(diverged).toBe(true);
    expect(points.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });
});

describe('afterwards', () => {
  const bytes = ({ model, optimizer, train }: ReturnType<typeof setup>): string =>
    JSON.stringify([
      [...model.stateDict()].map(([name, { data }]) => [name, [...data]]),
      {
        ...optimizer.stateDict(),
        tensors: [...optimizer.stateDict().tensors].map(([key, { data }]) => [key, [...data]]),
      },
      [...model.namedModules()].map(([, { training }]) => training),
      [...model.parameters()].map(({ hasFreshGrad }) => hasFreshGrad),
      train.state(),
      randomState(),
    ]);

  test.each([
    ['at the end', {}],
    ['in the middle of an epoch', { steps: 7 }],
    ['after a loss that is not finite', { to: 1e30 }],
  ])('everything is as it was: %s', async (_, options) => {
    const all = setup();
    await fit(all.model, { train: all.train, optimizer: all.optimizer, epochs: 1 });
    all.model.eval().namedChildren().next().value?.[1].train(); // some modules in one mode, some in the other
    const before = bytes(all);
    await findLearningRate(all.model, { train: all.train, optimizer: all.optimizer, ...options });
    expect(bytes(all)).toBe(before);
  });

  test('also when the data fails', async () => {
    const { model, optimizer } = setup();
    const before = [...model.stateDict().values()].map(({ data }) => [...data]);
    const batch = { x: Tensor.ones([4, 1, 4, 4]), labels: new Int32Array(4) };
    const train = {
      *[Symbol.iterator]() {
        yield batch;
        throw new Error('no more');
      },
    };
    await expect(findLearningRate(model, { train, optimizer })).rejects.toThrow('no more');
    expect([...model.stateDict().values()].map(({ data }) => [...data])).toEqual(before);
  });

  test('also when it is aborted', async () => {
    const { model, optimizer, train } = setup();
    const before = [...model.stateDict().values()].map(({ data }) => [...data]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(findLearningRate(model, { train, optimizer, signal })).rejects.toThrow('enough');
    expect([...model.stateDict().values()].map(({ data }) => [...data])).toEqual(before);
  });

  test('training gives the same bytes as without the search', async () => {
    const run = async (search: boolean): Promise<number[]> => {
      manualSeed(3);
      const { model, optimizer, train } = setup();
      if (search) await findLearningRate(model, { train, optimizer, steps: 10 });
      return (await fit(model, { train, optimizer, epochs: 2 })).stepLoss;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test('a second search leaves nothing in memory that the first did not', async () => {
    const { model, optimizer, train } = setup();
    await findLearningRate(model, { train, optimizer, steps: 5 });
    await freeGarbage();
    const before = memoryInfo().liveBytes;
    await findLearningRate(model, { train, optimizer, steps: 10 });
    expect(memoryInfo().liveBytes).toBe(before);
  });
});

describe('bad options', () => {
  test.each([
    [{ from: 0 }, 'from is 0'],
    [{ from: 1, to: 0.1 }, 'from is 1 and to 0.1, but the rate must rise.'],
    [{ steps: 2 }, 'steps is 2'],
    [{ stopAt: 1 }, 'stopAt is 1'],
    [{ form: 1 }, "there is no option 'form'. Did you mean 'from'?"],
  ])('%o', async (options, message) => {
    const { model, optimizer, train } = setup();
    await expect(findLearningRate(model, { train, optimizer, ...options })).rejects.toThrow(
      `findLearningRate: ${message}`,
    );
  });

  test('a model that gives NaN gets a sentence', async () => {
    const { model, optimizer, train } = setup();
    model.parameters().next().value?.data.fill(Number.NaN);
    const search = findLearningRate(model, { train, optimizer });
    await expect(search).rejects.toThrow(NonFiniteError);
    await expect(search).rejects.toThrow('the loss was finite for 0 steps only. Start from a rate below 0.000001');
  });
});
