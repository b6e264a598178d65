import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { manualSeed, randomState, randomStream } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { mixup } from '../../src/data/mix.js';
import { randomHorizontalFlip } from '../../src/data/transforms/index.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import type { Module } from '../../src/layers/module.js';
import { Sequential } from '../../src/layers/sequential.js';
import { TopKAccuracy } from '../../src/metrics/topK.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { SGD } from '../../src/optim/sgd.js';
import { type Callback, earlyStopping } from '../../src/train/callbacks.js';
import { fit } from '../../src/train/fit.js';
import { trainingEvents } from '../../src/train/trainingEvents.js';
import { halves } from './problems.js';

const images = halves(48);

/** A run that draws from every stream: initial weights, order, flips, mixing, dropout, and a callback. */
function make(seed: number, workers = 0) {
  manualSeed(seed);
  const model = new Sequential(new Flatten(), new Dropout(0.4), new Linear(16, 2));
  const drawn: number[] = [];
  const options = {
    train: new DataLoader(images, { batchSize: 8, shuffle: true, transform: randomHorizontalFlip(), workers }),
    validation: new DataLoader(images, { batchSize: 48, shuffle: true }),
    optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 }),
    mix: mixup({ alpha: 0.4 }),
    epochs: 2,
    callbacks: [{ onStep: () => void drawn.push(randomStream('own').uniform()) }] as Callback[],
  };
  return { model, options, drawn };
}

async function trained(seed: number, parts: object = {}, workers = 0) {
  const { model, options, drawn } = make(seed, workers);
  let checkpoint: Uint8Array | undefined;
  const saver: Callback = {
    onEpochEnd(run, { epoch }) {
      if (epoch === 1) checkpoint = run.checkpoint();
    },
  };
  const history = await fit(model, { ...options, callbacks: [...options.callbacks, saver], ...parts });
  return { weights: weightsOf(model), losses: history.stepLoss, drawn, checkpoint };
}

function weightsOf(model: Module): unknown {
  return [...model.stateDict()].map(([name, { data }]) => [name, [...data]]);
}

const bare = ({ weights, losses, drawn }: Awaited<ReturnType<typeof trained>>) => ({ weights, losses, drawn });

describe('runs that go on at once', () => {
  test.each([0, 1])('equal themselves alone, with %i data workers', async (workers) => {
    const alone = [await trained(1, {}, workers), await trained(2, {}, workers), await trained(3, {}, workers)].map(
      bare,
    );
    expect(alone[0]).not.toEqual(alone[1]);
    for (let i = 0; i < 2; i++) {
      const together = await Promise.all([1, 2, 3].map((seed) => trained(seed, {}, workers)));
      expect(together.map(bare)).toEqual(alone);
    }
  });

  test('are resumed at once to the same bytes as alone', async () => {
    const [one, two] = [await trained(1), await trained(2)];
    const resumed = await Promise.all([trained(7, { resume: one.checkpoint }), trained(8, { resume: two.checkpoint })]);
    expect(resumed.map(({ weights, losses }) => [weights, losses])).toEqual(
      [one, two].map(({ weights, losses }) => [weights, losses]),
    );
  });

  test('are not changed by what the program draws and seeds meanwhile', async () => {
    const alone = bare(await trained(1));
    const running = trained(1);
    for (let i = 0; i < 5; i++) {
      randomStream('dropout').bits();
      await new Promise((resolve) => setTimeout(resolve, 1));
      manualSeed(i);
    }
    const program = randomState();
    expect(bare(await running)).toEqual(alone);
    // The program has gone its own way.
    expect(randomState()).toEqual(program);
  });

  test('leave the streams of the program alone', async () => {
    manualSeed(9);
    const [a, b] = [make(1), make(1)];
    manualSeed(9);
    randomStream('shuffle').bits();
    const before = randomState();
    await Promise.all([fit(a.model, a.options), fit(b.model, b.options)]);
    expect(randomState()).toEqual(before);
    // From the same streams they were the same run, but for their weights, which were drawn before.
    expect(a.drawn).toEqual(b.drawn);
  });
});

test('a run alone hands its streams back: the next goes on where it stopped', async () => {
  const drawnBy = async (runs: number): Promise<number[]> => {
    const { options, drawn, model } = make(4);
    for (let i = 0; i < runs; i++) await fit(model, options);
    return [...drawn, randomStream('own').uniform(), randomStream('dropout').uniform()];
  };
  const [one, two] = [await drawnBy(1), await drawnBy(2)];
  expect(two.slice(0, 12)).toEqual(one.slice(0, 12));
  expect(two[12]).toBe(one[12]);
  expect(new Set(two).size).toBe(two.length);
});

describe('what a run is changing', () => {
  const refused = async (
    change: (own: ReturnType<typeof make>, other: ReturnType<typeof make>) => object,
    name: string,
  ) => {
    const [own, other] = [make(1), make(2)];
    const extra = change(own, other);
    const running = fit(own.model, { ...own.options, ...extra });
    const { model = other.model, ...rest } = extra as { model?: Module };
    const second = fit(model, { ...other.options, ...rest });
    await expect(second).rejects.toThrow(ArgumentError);
    await expect(second).rejects.toThrow(name);
    await running;
    // Once it has ended, others may.
    await fit(model, { ...other.options, ...rest });
  };

  test('is no other run’s: a model, an optimizer, a loader, an average, a metric, a callback that carries something', async () => {
    await refused(
      ({ options }) => ({ train: options.train }),
      'fit: train, the training data, is in use by another fit',
    );
    // Each loop over it is a loader of its own, so two may share it.
    const source = { [Symbol.iterator]: () => new DataLoader(images, { batchSize: 8 })[Symbol.iterator]() };
    const metrics = { top: new TopKAccuracy() };
    await refused(() => ({ train: source, metrics }), "fit: the metric 'top' is in use by another fit");
    const stopping = earlyStopping({ patience: 9 });
    await refused(() => ({ callbacks: [{}, stopping] }), 'fit: callback 1 is in use by another fit');
  });

  test('is no other run’s: one model, with the same optimizer or another', async () => {
    const { model, options } = make(1);
    const running = fit(model, options);
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    const average = new ExponentialMovingAverage(model);
    await expect(fit(model, { ...options, optimizer, average })).rejects.toThrow(
      'fit: the model (Sequential) is in use by another fit that has not ended.',
    );
    const head = new Sequential(model);
    await expect(fit(head, { ...make(2).options, optimizer })).rejects.toThrow(
      'fit: the parameter 0.2.weight of the model is in use by another fit',
    );
    await expect(fit(make(3).model, options)).rejects.toThrow('fit: the optimizer (SGD) is in use by another fit');
    await running;
    expect((await fit(model, { ...options, optimizer, average })).endReason).toBe('done');
  });

  test('is free again after an error, a refused checkpoint and a loop that was left', async () => {
    const { model, options } = make(1);
    const failing: Callback = {
      onStep() {
        throw new Error('enough');
      },
    };
    await expect(fit(model, { ...options, callbacks: [failing] })).rejects.toThrow('enough');
    await expect(fit(model, { ...options, resume: new Uint8Array(9) })).rejects.toThrow('safetensors');
    const { callbacks: _, ...training } = options;
    for await (const { type } of trainingEvents(model, training)) if (type === 'step') break;
    expect((await fit(model, options)).endReason).toBe('done');
  });
});
