import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, DataError, NonFiniteError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { SGD } from '../../src/optim/sgd.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { Tensor } from '../../src/tensor/tensor.js';
import type { Callback } from '../../src/train/callbacks.js';
import { evaluate } from '../../src/train/evaluate.js';
import { type FitOptions, fit } from '../../src/train/fit.js';
import { trainingEvents } from '../../src/train/trainingEvents.js';
import { freeGarbage } from '../../testing/garbage.js';
import { halves, tinyNet } from './problems.js';

const images = halves(64);
const unseen = halves(64, 1);

beforeEach(() => manualSeed(7));

function setup(options: Partial<FitOptions> = {}) {
  const model = tinyNet();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.2, momentum: 0.9 });
  const loader = new DataLoader(images, { batchSize: 16, shuffle: true });
  return { model, fitting: { train: loader, optimizer, epochs: 3, ...options } };
}

describe('fit', () => {
  test('learns, and tells so in the history', async () => {
    const { model, fitting } = setup({ validation: new DataLoader(unseen, { batchSize: 64 }), epochs: 10 });
    const history = await fit(model, fitting);
    expect(history.epochs).toHaveLength(10);
    expect(history.stepLoss).toHaveLength(40);
    expect(history.endReason).toBe('done');
    const [first, last] = [history.epochs[0], history.epochs[9]];
    expect(last).toMatchObject({ epoch: 10, step: 40, learningRate: 0.2 });
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.validationAccuracy).toBeGreaterThan(0.95);
    expect(history.best('validationAccuracy')?.validationAccuracy).toBeGreaterThanOrEqual(0.95);
    expect(history.best('loss')?.loss).toBe(Math.min(...history.epochs.map((e) => e.loss)));
  });

  test('measures an epoch as the mean over its images, a smaller last batch counting less', async () => {
    const batches = [4, 2].map((n) => ({ x: Tensor.ones([n, 1, 4, 4]), labels: new Int32Array(n) }));
    const { model, fitting } = setup({ train: batches, epochs: 1 });
    const { stepLoss, epochs } = await fit(model, fitting);
    expect(epochs[0].loss).toBeCloseTo((4 * stepLoss[0] + 2 * stepLoss[1]) / 6, 12);
  });

  test('sets the learning rate of each step from the schedule, counted from 0', async () => {
    const { model, fitting } = setup({ schedule: (step) => 0.1 / (1 + step), epochs: 1 });
    const history = await fit(model, fitting);
    expect(history.stepLearningRate).toEqual([0.1, 0.05, 0.1 / 3, 0.025]);
  });

  test('limits the norm of the gradients', async () => {
    const { model, fitting } = setup({ clipNorm: 1e-3, epochs: 1 });
    const before = model.stateDict();
    await fit(model, fitting);
    let squares = 0;
    for (const [name, { data }] of model.stateDict()) {
      data.forEach((v, i) => {
        squares += (v - before.get(name)!.data[i]) ** 2;
      });
    }
    // Four steps of at most 0.2 * 1e-3 * (1 + 0.9 + 0.81 + ...) = 2e-3 each.
    expect(Math.sqrt(squares)).toBeLessThan(8e-3);
    expect(squares).toBeGreaterThan(0);
  });

  test('calls callbacks in the order of events, and leaves the model in evaluation mode', async () => {
    const calls: string[] = [];
    const log: Callback = {
      onTrainStart: () => void calls.push('start'),
      onEpochStart: (_, epoch) => void calls.push(`epoch ${epoch}`),
      onStep: async (run, { step, batch, batches, size }) => {
        await Promise.resolve();
        calls.push(`step ${step}: ${batch} of ${batches}, ${size} images, training ${run.model.training}`);
      },
      onEpochEnd: (_, record) => void calls.push(`end ${record.epoch}`),
      onTrainEnd: (_, reason) => void calls.push(reason),
    };
    const { model, fitting } = setup({ epochs: 1, callbacks: [log] });
    fitting.train = new DataLoader(images, { batchSize: 40 });
    await fit(model, fitting);
    expect(calls).toEqual([
      'start',
      'epoch 1',
      'step 1: 1 of 2, 40 images, training true',
      'step 2: 2 of 2, 24 images, training true',
      'end 1',
      'done',
    ]);
    expect(model.training).toBe(false);
  });

  test('gives the same bytes for the same seed', async () => {
    const bytes = async () => {
      manualSeed(3);
      const { model, fitting } = setup();
      await fit(model, fitting);
      return [...model.stateDict().values()].flatMap(({ data }) => [...data]);
    };
    expect(await bytes()).toEqual(await bytes());
  });

  test('takes batches from an async iterator', async () => {
    async function* batches() {
      for (const { x, labels } of new DataLoader(images, { batchSize: 32 })) yield { x, labels };
    }
    const { model, fitting } = setup({ train: { [Symbol.asyncIterator]: batches }, epochs: 2 });
    expect((await fit(model, fitting)).stepLoss).toHaveLength(4);
  });

  test('ends after the step that runs when the signal is aborted, and when a callback stops it', async () => {
    const controller = new AbortController();
    const aborting = setup({
      signal: controller.signal,
      callbacks: [{ onStep: (_, { step }) => (step === 2 ? controller.abort() : undefined) }],
    });
    const aborted = await fit(aborting.model, aborting.fitting);
    expect([aborted.stepLoss.length, aborted.epochs.length, aborted.endReason]).toEqual([2, 0, 'aborted']);

    const stopping = setup({ callbacks: [{ onEpochEnd: (run) => run.stop() }] });
    const stopped = await fit(stopping.model, stopping.fitting);
    expect([stopped.stepLoss.length, stopped.epochs.length, stopped.endReason]).toEqual([4, 1, 'stopped']);
  });

  test('lets timers run between the steps', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const { model, fitting } = setup({ signal: controller.signal, epochs: 1_000_000 });
    expect((await fit(model, fitting)).endReason).toBe('aborted');
  });

  test('stops at a loss that is not finite, names epoch, step and place, and leaves the weights alone', async () => {
    const { model, fitting } = setup({ epochs: 2 });
    const weights = () => [...model.stateDict().values()].flatMap(({ data }) => [...data]);
    await fit(model, { ...fitting, epochs: 1 });
    (model.stateDict().get('3.bias') as { data: Float32Array }).data[0] = 1;
    const spoil: Callback = {
      onStep(run, { step }) {
        if (step === 5) [...run.model.parameters()][2].data[0] = Number.NaN;
      },
    };
    const error = await fit(model, { ...fitting, callbacks: [spoil] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as Error).message).toBe(
      'fit: the loss became NaN in epoch 2, step 6. The first non-finite value is in 3.weight. Lower the learning rate (it is 0.2), or set clipNorm.',
    );
    expect(weights().filter(Number.isNaN)).toHaveLength(1);
  });

  test('says when every layer is finite and the loss alone is not', async () => {
    const { model, fitting } = setup({ loss: (output) => mul(sum(output), Number.POSITIVE_INFINITY) });
    await expect(fit(model, fitting)).rejects.toThrow(/in epoch 1, step 1\. Every layer is finite, so it is the loss/);
  });

  test('refuses options that make no sense', async () => {
    const { model, fitting } = setup();
    await expect(fit(model, { ...fitting, epochs: 1.5 })).rejects.toThrow('epochs is 1.5, but must be a whole number');
    await expect(fit(model, { ...fitting, clipNorm: 0 })).rejects.toThrow(ArgumentError);
    await expect(fit(model, { ...fitting, train: [] })).rejects.toThrow(DataError);
    await expect(fit(model, { ...fitting, train: 3 as never })).rejects.toThrow('the data is not iterable');
  });

  test('releases everything but the weights, their gradients and the optimizer state', async () => {
    const { model, fitting } = setup({ validation: new DataLoader(unseen, { batchSize: 32 }) });
    await fit(model, { ...fitting, epochs: 1 });
    await freeGarbage();
    const { liveBytes } = memoryInfo();
    await fit(model, { ...fitting, epochs: 3 });
    expect(memoryInfo().liveBytes).toBe(liveBytes);
  });
});

describe('train', () => {
  test('can be driven by a loop, which may leave in the middle', async () => {
    const { model, fitting } = setup();
    await freeGarbage();
    const { liveBytes } = memoryInfo();
    let steps = 0;
    for await (const event of trainingEvents(model, fitting)) if (event.type === 'step' && ++steps === 2) break;
    expect(steps).toBe(2);
    expect(model.training).toBe(false);
    const state = [...model.parameters()].reduce((bytes, p) => bytes + 2 * (64 * Math.ceil(p.size / 16) + 64), 0);
    expect(memoryInfo().liveBytes - memoryInfo().workspaceBytes).toBeLessThanOrEqual(liveBytes + state);
  });
});

describe('evaluate', () => {
  test('measures by hand: two of three right', async () => {
    const model = new Sequential(new Flatten(), new Linear(2, 2));
    model.loadStateDict(
      new Map([
        ['1.weight', { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) }],
        ['1.bias', { shape: [2], data: new Float32Array(2) }],
      ]),
    );
    const x = Tensor.from([3, 0, 0, 3, 3, 0], [3, 1, 1, 2]);
    const result = await evaluate(model, [{ x, labels: Int32Array.of(0, 1, 1) }]);
    expect(result.count).toBe(3);
    expect(result.accuracy).toBeCloseTo(2 / 3);
    expect([...result.predictions]).toEqual([0, 1, 0]);
    expect([...result.labels]).toEqual([0, 1, 1]);
    expect(result.loss).toBeCloseTo(Math.log(1 + Math.exp(-3)) + 1, 5);
    expect(result.confusion.toArray()).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(result.top5).toBeUndefined();
  });

  test('says how often the right class is among five when there are more', async () => {
    const model = tinyNet(6);
    const { top5 } = await evaluate(model, new DataLoader(images, { batchSize: 20 }));
    expect(top5).toBeGreaterThan(0);
  });

  test('runs in evaluation mode, restores the mode and keeps memory flat', async () => {
    const model = new Sequential(new Flatten(), new Dropout(0.9), new Linear(16, 2));
    const loader = new DataLoader(images, { batchSize: 16 });
    const first = await evaluate(model, loader);
    await freeGarbage();
    const { liveBytes } = memoryInfo();
    const second = await evaluate(model, loader);
    expect(second.loss).toBe(first.loss);
    expect(model.training).toBe(true);
    expect(memoryInfo().liveBytes).toBe(liveBytes);
  });

  test('shows each batch with its logits', async () => {
    const shapes: unknown[] = [];
    await evaluate(tinyNet(), new DataLoader(images, { batchSize: 40 }), {
      onBatch: ({ labels }, logits) => void shapes.push([labels.length, logits.shape]),
    });
    expect(shapes).toEqual([
      [40, [40, 2]],
      [24, [24, 2]],
    ]);
  });

  test('refuses data without a batch', async () => {
    await expect(evaluate(tinyNet(), [])).rejects.toThrow(new DataError('evaluate: the data gave no batch.'));
  });
});
