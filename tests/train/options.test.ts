import { beforeEach, describe, expect, test, vi } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { mixup } from '../../src/data/mix.js';
import { Linear } from '../../src/layers/linear.js';
import type { Metric } from '../../src/metrics/metric.js';
import { RunningMean } from '../../src/metrics/runningMean.js';
import { topKAccuracy } from '../../src/metrics/topK.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { Lookahead } from '../../src/optim/lookahead.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { Tensor } from '../../src/tensor/tensor.js';
import type { Callback } from '../../src/train/callbacks.js';
import { evaluate } from '../../src/train/evaluate.js';
import { type FitOptions, fit } from '../../src/train/fit.js';
import { TrainingRun } from '../../src/train/run.js';
import { TrainingClock } from '../../src/train/trainingClock.js';
import { expectClose, gamma } from '../../testing/tolerance.js';
import { halves, tinyNet } from './problems.js';

const images = halves(64);
const unseen = halves(32, 1);

beforeEach(() => manualSeed(7));

function setup(options: Partial<FitOptions> = {}) {
  const model = tinyNet();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.2, momentum: 0.9 });
  const train = new DataLoader(images, { batchSize: 16, shuffle: true });
  const validation = new DataLoader(unseen, { batchSize: 32 });
  return { model, fitting: { train, validation, optimizer, epochs: 3, ...options } };
}

const weights = (model: { stateDict(): Map<string, { data: Float32Array }> }): number[] =>
  [...model.stateDict().values()].flatMap(({ data }) => [...data]);

/** The share of right answers. */
class Top1 implements Metric {
  readonly #mean = new RunningMean();
  update(logits: Tensor, labels: ArrayLike<number>): void {
    this.#mean.add(topKAccuracy(logits, labels), labels.length);
  }
  compute(): number {
    return this.#mean.value;
  }
  reset(): void {
    this.#mean.reset();
  }
  saveState(): { values: unknown } {
    return { values: this.#mean.state };
  }
  loadState({ values }: { values: unknown }): void {
    this.#mean.state = values as [number | null, number];
  }
}

describe('micro-batches', () => {
  test.each([1, 5, 16, 99])('of %i images take the same steps but for rounding', async (microBatchSize) => {
    const whole = setup();
    await fit(whole.model, whole.fitting);
    manualSeed(7);
    const parts = setup({ microBatchSize });
    await fit(parts.model, parts.fitting);
    // Sums of 16 gradients in another order, 12 steps, each of which multiplies an error by little more than 1.
    const want = weights(whole.model);
    expectClose(weights(parts.model), want, 40 * gamma(16 * 12) * Math.max(...want.map(Math.abs)));
  });

  test('leave no gradients behind when the loss of a later part is not finite', async () => {
    const { model, fitting } = setup({ microBatchSize: 1 });
    const x = Tensor.from([...Array(16).fill(1), ...Array(16).fill(Number.NaN)], [2, 1, 4, 4]);
    const train = [{ x, labels: Int32Array.of(0, 1) }];
    await expect(fit(model, { ...fitting, train })).rejects.toThrow('The first non-finite value is in the input');
    expect([...model.parameters()].map((p) => p.hasFreshGrad)).toEqual([false, false, false, false]);
  });
});

describe('label smoothing', () => {
  test('is that of crossEntropy', async () => {
    const one = setup({ labelSmoothing: 0.3, epochs: 1 });
    const history = await fit(one.model, one.fitting);
    manualSeed(7);
    const other = setup({ loss: (x, labels) => crossEntropy(x, labels, { labelSmoothing: 0.3 }), epochs: 1 });
    expect((await fit(other.model, other.fitting)).stepLoss).toEqual(history.stepLoss);
  });
});

describe('mixing', () => {
  test('the loss is the share of each label', async () => {
    const layer = new Linear(2, 2, { bias: false });
    layer.weight.data.set([1, 0, 0, 1]);
    const x = Tensor.from([1, 0, 0, 1], [2, 2]);
    const labels = Int32Array.of(0, 1);
    const mix: FitOptions['mix'] = (batch) => ({ ...batch, otherLabels: Int32Array.of(1, 0), share: 0.75 });
    const optimizer = new SGD(layer.parameters(), { learningRate: 0 });
    const { stepLoss } = await fit(layer, { train: [{ x, labels }], optimizer, epochs: 1, mix });
    const right = Math.log(1 + Math.exp(-1));
    expect(stepLoss[0]).toBeCloseTo(0.75 * right + 0.25 * (right + 1), 6);
  });

  test('mixup trains, and the same seed gives the same bytes', async () => {
    const runs = [];
    for (let i = 0; i < 2; i++) {
      manualSeed(3);
      const { model, fitting } = setup({ mix: mixup(), epochs: 4 });
      const history = await fit(model, fitting);
      expect(history.epochs[3].validationAccuracy).toBeGreaterThan(0.8);
      runs.push(weights(model));
    }
    expect(runs[0]).toEqual(runs[1]);
  });
});

describe('averaged weights and lookahead', () => {
  test('validation measures the average, training goes on with its own weights', async () => {
    const plain = setup();
    await fit(plain.model, plain.fitting);
    manualSeed(7);
    const { model, fitting } = setup();
    const average = new ExponentialMovingAverage(model, { decay: 0.5 });
    const { epochs } = await fit(model, { ...fitting, average });
    expect(weights(model)).toEqual(weights(plain.model));
    average.swap();
    expect(weights(model)).not.toEqual(weights(plain.model));
    const measured = await evaluate(model, fitting.validation as DataLoader);
    expect(measured.loss).toBe(epochs[2].validationLoss);
  });

  test('lookahead leaves its slow weights in the model at the end, and progress runs from 0 to 1', async () => {
    const { model, fitting } = setup();
    const seen: number[] = [];
    const decay = (progress: number): number => {
      seen.push(progress);
      return 0.5;
    };
    const lookahead = new Lookahead(model, { every: 5, decay });
    await fit(model, { ...fitting, lookahead });
    expect(seen).toEqual([5 / 12, 10 / 12]);
    const slow = [...lookahead.stateDict().tensors.values()].flatMap(({ data }) => [...data]);
    expect(weights(model)).toEqual(slow);
  });

  test('a run stopped and resumed gives the same bytes', async () => {
    const parts = (model: ReturnType<typeof tinyNet>): Partial<FitOptions> => ({
      average: new ExponentialMovingAverage(model, { decay: 0.8 }),
      lookahead: new Lookahead(model, { every: 3 }),
    });
    const whole = setup();
    const all = parts(whole.model);
    await fit(whole.model, { ...whole.fitting, ...all });

    manualSeed(7);
    const first = setup();
    let saved: Uint8Array | undefined;
    const saving: Callback = {
      onStep(run, { step }) {
        if (step !== 7) return;
        saved = run.checkpoint();
        run.stop();
      },
    };
    await fit(first.model, { ...first.fitting, ...parts(first.model), callbacks: [saving] });

    manualSeed(99);
    const second = setup();
    const resumed = parts(second.model);
    await fit(second.model, { ...second.fitting, ...resumed, resume: saved, callbacks: [{}] });
    expect(weights(second.model)).toEqual(weights(whole.model));
    all.average?.swap();
    resumed.average?.swap();
    expect(weights(second.model)).toEqual(weights(whole.model));
  });

  test('a checkpoint without an average does not resume a run with one', () => {
    const { model, fitting } = setup();
    const bytes = new TrainingRun(model, fitting).checkpoint();
    const average = new ExponentialMovingAverage(model);
    expect(() => new TrainingRun(model, { ...fitting, average, resume: bytes })).toThrow(
      'the checkpoint was written with no average, lookahead or metrics, but this run has average',
    );
  });
});

describe('metrics', () => {
  /** The share of images of class 0. */
  function zeros(): Metric {
    let counts = [0, 0];
    return {
      update: (_, labels) => {
        for (const label of labels) counts = [counts[0] + (label === 0 ? 1 : 0), counts[1] + 1];
      },
      compute: () => counts[0] / counts[1],
      reset: () => {
        counts = [0, 0];
      },
      saveState: () => ({ values: counts }),
      loadState: ({ values }) => {
        counts = values as number[];
      },
    };
  }

  test('are computed in training and in validation, each epoch anew', async () => {
    const { model, fitting } = setup({ metrics: { zeros: zeros() } });
    const { epochs } = await fit(model, fitting);
    expect(epochs.map(({ metrics }) => metrics)).toEqual(Array(3).fill({ zeros: 0.5 }));
    expect(epochs.map(({ validationMetrics }) => validationMetrics)).toEqual(Array(3).fill({ zeros: 0.5 }));
  });
});

describe('metrics of an epoch that could not be measured', () => {
  test('go on where they were when training is resumed', async () => {
    const whole = setup({ metrics: { top1: new Top1() }, epochs: 1 });
    const want = (await fit(whole.model, whole.fitting)).epochs[0];

    manualSeed(7);
    let saved: Uint8Array | undefined;
    const failing: Callback = {
      onEvaluationEnd: () => {
        throw new Error('no');
      },
    };
    const saving: Callback = { onError: (run) => void (saved = run.checkpoint()) };
    const first = setup({ metrics: { top1: new Top1() }, epochs: 1, callbacks: [failing, saving] });
    await expect(fit(first.model, first.fitting)).rejects.toThrow('no');

    const second = setup({ metrics: { top1: new Top1() }, epochs: 1, resume: saved, callbacks: [{}, {}] });
    const [epoch] = (await fit(second.model, second.fitting)).epochs;
    expect(epoch.metrics).toEqual({ top1: want.accuracy });
    expect(epoch.validationMetrics).toEqual({ top1: want.validationAccuracy });
  });

  test('a run that is stopped as its validation begins keeps the epoch', async () => {
    const { model, fitting } = setup({ callbacks: [{ onEvaluationStart: (run) => run.stop() }] });
    const { epochs, endReason } = await fit(model, fitting);
    expect([epochs.length, endReason]).toEqual([1, 'stopped']);
  });

  test('evaluate computes them too, from nothing', async () => {
    const { model, fitting } = setup();
    const top1 = new Top1();
    top1.update(Tensor.from([1, 0], [1, 2]), [1]);
    const measured = await evaluate(model, fitting.validation as DataLoader, { metrics: { top1 } });
    expect(measured.metrics).toEqual({ top1: measured.accuracy });
  });
});

describe('evaluateEvery', () => {
  test('passes over epochs, but never the last', async () => {
    const events: string[] = [];
    const callback: Callback = {
      onEvaluationStart: (_, epoch) => void events.push(`start ${epoch}`),
      onEvaluationEnd: (_, epoch, { count }) => void events.push(`end ${epoch}: ${count}`),
    };
    const { model, fitting } = setup({ evaluateEvery: 2, epochs: 5, callbacks: [callback] });
    const { epochs } = await fit(model, fitting);
    expect(epochs.map(({ validationLoss }) => validationLoss !== undefined)).toEqual([false, true, false, true, true]);
    expect(events).toEqual(['start 2', 'end 2: 32', 'start 4', 'end 4: 32', 'start 5', 'end 5: 32']);
  });
});

describe('timeBudget', () => {
  test('ends by the clock, and the schedule runs to its end', async () => {
    // A clock that goes on by 4 ms whenever it is read: the test is the same on a busy machine.
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 4));
    const rates: number[] = [];
    const schedule = (step: number): number => {
      rates.push(step);
      return 0.1;
    };
    try {
      const { model, fitting } = setup({ timeBudget: 0.4, epochs: 10, schedule });
      const { endReason, epochs } = await fit(model, fitting);
      expect(endReason).toBe('done');
      expect(time).toBeGreaterThan(390);
      expect(time).toBeLessThan(500);
      expect(epochs.at(-1)?.validationLoss).toBeDefined();
    } finally {
      clock.mockRestore();
    }
    // 10 epochs of 4 steps, whatever the number of steps really made.
    expect(rates.length).toBeGreaterThan(5);
    expect(rates[0]).toBeLessThan(5);
    expect(rates.at(-1)).toBeGreaterThan(35);
    expect(rates.at(-1)).toBeLessThanOrEqual(40);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
  });

  test('a long validation counts, though it takes many times as long as a step', async () => {
    const { model, fitting } = setup({ timeBudget: 1000, epochs: 1 });
    const now = performance.now.bind(performance);
    let slept = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + slept);
    // Three batches of 50 seconds each.
    const validation = {
      *[Symbol.iterator]() {
        for (const batch of new DataLoader(unseen, { batchSize: 12 })) {
          slept += 50_000;
          yield batch;
        }
      },
    };
    try {
      let seconds = 0;
      const stop: Callback = {
        onEpochEnd(run) {
          seconds = run.clock.seconds;
          run.stop();
        },
      };
      await fit(model, { ...fitting, validation, callbacks: [stop] });
      expect(seconds).toBeGreaterThan(150);

      // The time may be up in the middle of a validation.
      const lookahead = new Lookahead(model, { every: 3 });
      const history = await fit(model, { ...fitting, validation, lookahead, timeBudget: 100 });
      expect([history.endReason, history.epochs.length]).toEqual(['done', 1]);
      const slow = [...lookahead.stateDict().tensors.values()].flatMap(({ data }) => [...data]);
      expect(weights(model)).toEqual(slow);
    } finally {
      clock.mockRestore();
    }
  });

  test('a resumed run has what is left of its time', async () => {
    const { model, fitting } = setup({ timeBudget: 100 });
    let saved: { bytes: Uint8Array; seconds: number; progress: number } | undefined;
    const saving: Callback = {
      onStep(run, { step }) {
        if (step !== 6) return;
        saved = { bytes: run.checkpoint(), seconds: run.clock.seconds, progress: run.progress };
        run.stop();
      },
    };
    await fit(model, { ...fitting, callbacks: [saving] });
    const resumed = new TrainingRun(model, { ...fitting, resume: saved?.bytes }, [saving]);
    expect(resumed.clock.seconds).toBe(saved?.seconds);
    expect(resumed.progress).toBe(saved?.progress);
    expect(resumed.progress).toBeGreaterThan(0);
  });

  test('a gap far longer than all steps is sleep, and does not count', () => {
    const clock = new TrainingClock();
    const start = performance.now();
    clock.tick(start + 500);
    clock.tick(start + 1500);
    const before = clock.seconds;
    clock.tick(start + 1500 + 3600_000);
    expect(clock.seconds - before).toBeCloseTo(1, 5);
    clock.tick(start + 1500 + 3600_000 + 30_000);
    expect(clock.seconds - before).toBeCloseTo(31, 5);
  });
});

describe('a callback that throws', () => {
  test('the others are told, and may save; then the error is shown', async () => {
    const told: string[] = [];
    let saved: Uint8Array | undefined;
    const breaking: Callback = {
      onStep: (_, { step }) => {
        if (step === 6) throw new Error('the disk of the plot is full');
      },
      onError: () => void told.push('itself'),
    };
    const broken: Callback = {
      onError: () => {
        throw new Error('another');
      },
    };
    const saving: Callback = {
      onError: (run, error) => {
        told.push((error as Error).message);
        saved = run.checkpoint();
      },
    };
    const { model, fitting } = setup({ callbacks: [breaking, broken, saving] });
    await expect(fit(model, fitting)).rejects.toThrow('the disk of the plot is full');
    expect(told).toEqual(['the disk of the plot is full']);

    const whole = setup();
    manualSeed(7);
    const again = setup();
    await fit(again.model, { ...again.fitting, resume: saved, callbacks: [{}, {}, {}] });
    manualSeed(7);
    const reference = setup();
    await fit(reference.model, reference.fitting);
    expect(weights(again.model)).toEqual(weights(reference.model));
    expect(whole.model).toBeDefined();
  });

  test('a loss that is not finite is told to all', async () => {
    const told: string[] = [];
    const { model, fitting } = setup({ callbacks: [{ onError: (_, error) => void told.push((error as Error).name) }] });
    [...model.parameters()][0].data.fill(Number.NaN);
    await expect(fit(model, fitting)).rejects.toThrow('The first non-finite value is in 1.weight');
    expect(told).toEqual(['NonFiniteError']);
  });
});

describe('options', () => {
  test.each([
    [{ epoch: 3 }, "fit: there is no option 'epoch'. Did you mean 'epochs'?"],
    [{ train: undefined }, 'fit: train is missing. fit needs train, optimizer and epochs.'],
    [{ epochs: undefined }, 'fit: epochs is missing'],
    [{ optimizer: new SGD(tinyNet().parameters(), { learningRate: 1 }) }, 'moves no parameter of this Sequential'],
    [{ lableSmoothing: 0.1 }, "Did you mean 'labelSmoothing'?"],
    [{ labelSmoothing: 2 }, 'labelSmoothing is 2, but must lie between 0 and 1'],
    [{ labelSmoothing: 0.1, loss: crossEntropy }, 'labelSmoothing belongs to the default loss'],
    [{ microBatchSize: 0 }, 'microBatchSize is 0, but must be a whole number >= 1'],
    [{ evaluateEvery: 1.5 }, 'evaluateEvery is 1.5'],
    [{ timeBudget: -1 }, 'timeBudget is -1'],
    [{ timeBudget: 1, epochs: 0 }, 'timeBudget needs training data with a length and epochs > 0'],
  ])('%o', async (options, message) => {
    const { model, fitting } = setup();
    await expect(fit(model, { ...fitting, ...options } as FitOptions)).rejects.toThrow(message);
  });
});
