import { beforeEach, describe, expect, test } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import type { Module } from '../../src/layers/module.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { Lookahead } from '../../src/optim/lookahead.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { averageWeights } from '../../src/train/averageWeights.js';
import { bestWeights, type Callback } from '../../src/train/callbacks.js';
import { evaluate } from '../../src/train/evaluate.js';
import { type FitOptions, fit } from '../../src/train/fit.js';
import { slowWeights } from '../../src/train/slowWeights.js';
import { expectClose, gamma } from '../../testing/tolerance.js';
import { halves, tinyNet } from './problems.js';

const images = halves(32);
const unseen = halves(16, 1);

beforeEach(() => manualSeed(7));

function setup(options: Partial<FitOptions> = {}) {
  const model = tinyNet();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.2, momentum: 0.9 });
  const train = new DataLoader(images, { batchSize: 8 });
  const validation = new DataLoader(unseen, { batchSize: 16 });
  return { model, optimizer, fitting: { train, validation, optimizer, epochs: 2, ...options } };
}

const weights = (model: Module): number[] => [...model.stateDict().values()].flatMap(({ data }) => [...data]);
const second = (average: ExponentialMovingAverage | Lookahead): number[] =>
  [...average.stateDict().tensors.values()].flatMap(({ data }) => [...data]);

/** The same training as a loop; `after` gets the weights after each step and may put others into the model. */
function byHand(after: (now: number[], step: number) => number[] | undefined): { model: Module; start: number[] } {
  manualSeed(7);
  const { model, optimizer } = setup();
  const start = weights(model);
  let step = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const { x, labels } of new DataLoader(images, { batchSize: 8 })) {
      withTape((tape) => tape.backward(crossEntropy(model.forward(x), labels)));
      optimizer.step();
      const other = after(weights(model), ++step);
      let at = 0;
      if (other !== undefined)
        for (const p of model.parameters()) for (let i = 0; i < p.size; i++) p.data[i] = other[at++];
    }
  }
  return { model, start };
}

describe('averageWeights', () => {
  test('follows the formula of a moving average, step by step', async () => {
    const { model, fitting } = setup();
    const average = new ExponentialMovingAverage(model, { decay: 0.7, warmup: false });
    await fit(model, { ...fitting, callbacks: [averageWeights(average)] });
    manualSeed(7);
    let mean = weights(tinyNet());
    let largest = 0;
    const hand = byHand((now) => {
      mean = mean.map((m, i) => 0.7 * m + 0.3 * now[i]);
      largest = Math.max(largest, ...now.map(Math.abs), ...mean.map(Math.abs));
      return undefined;
    });
    expect(hand.start).not.toEqual(weights(hand.model));
    expect(weights(model)).toEqual(weights(hand.model));
    // Eight steps of two products and a sum.
    expectClose(second(average), mean, gamma(3 * 8) * largest);
  });

  test('is what the option does: the same validation, the same best weights', async () => {
    const first = setup();
    const average = new ExponentialMovingAverage(first.model, { decay: 0.5 });
    const best = bestWeights({ restore: false });
    const one = await fit(first.model, { ...first.fitting, callbacks: [averageWeights(average), best] });
    manualSeed(7);
    const other = setup();
    const option = new ExponentialMovingAverage(other.model, { decay: 0.5 });
    const wanted = bestWeights({ restore: false });
    const two = await fit(other.model, { ...other.fitting, average: option, callbacks: [wanted] });
    expect(one.epochs.map((e) => e.validationLoss)).toEqual(two.epochs.map((e) => e.validationLoss));
    expect(best.best?.weights).toEqual(wanted.best?.weights);
    average.swap();
    const measured = await evaluate(first.model, first.fitting.validation);
    expect(measured.loss).toBe(one.epochs[1].validationLoss);
  });

  test('takes the average out again when validation throws or is aborted', async () => {
    for (const abort of [true, false]) {
      manualSeed(7);
      const controller = new AbortController();
      const { model, fitting } = setup({ signal: controller.signal, epochs: 1 });
      let trained: number[] = [];
      const failing = {
        *[Symbol.iterator]() {
          for (const batch of new DataLoader(unseen, { batchSize: 16 })) {
            expect(weights(model)).not.toEqual(trained);
            if (!abort) throw new Error('no such file');
            controller.abort();
            yield batch;
          }
        },
      };
      const callbacks: Callback[] = [
        averageWeights(new ExponentialMovingAverage(model, { decay: 0.9 })),
        { onEvaluationStart: () => void (trained = weights(model)) },
      ];
      const running = fit(model, { ...fitting, validation: failing, callbacks });
      if (abort) expect((await running).endReason).toBe('aborted');
      else await expect(running).rejects.toThrow('no such file');
      expect(trained.length).toBeGreaterThan(0);
      expect(weights(model)).toEqual(trained);
    }
  });
});

describe('slowWeights', () => {
  test('follows the formula of Lookahead, and leaves the slow weights in the model', async () => {
    const { model, fitting } = setup();
    const lookahead = new Lookahead(model, { every: 3, decay: 0.5 });
    const { epochs } = await fit(model, { ...fitting, callbacks: [slowWeights(lookahead)] });
    manualSeed(7);
    let slow = weights(tinyNet());
    byHand((now, step) => {
      if (step % 3 !== 0) return undefined;
      slow = slow.map((s, i) => Math.fround((s + now[i]) / 2));
      return slow;
    });
    expect(second(lookahead)).toEqual(slow);
    expect(weights(model)).toEqual(second(lookahead));
    // The last validation measured them already.
    expect((await evaluate(model, fitting.validation)).loss).toBe(epochs[1].validationLoss);
  });

  test('is what the option does', async () => {
    const first = setup();
    const one = await fit(first.model, {
      ...first.fitting,
      callbacks: [slowWeights(new Lookahead(first.model, { every: 3 }))],
    });
    manualSeed(7);
    const other = setup();
    const two = await fit(other.model, { ...other.fitting, lookahead: new Lookahead(other.model, { every: 3 }) });
    expect(one.stepLoss).toEqual(two.stepLoss);
    expect(weights(first.model)).toEqual(weights(other.model));
  });
});

test('a run with both, stopped and resumed, gives the same bits', async () => {
  const parts = (model: Module) => {
    const average = new ExponentialMovingAverage(model, { decay: 0.8 });
    return { average, callbacks: [slowWeights(new Lookahead(model, { every: 3 })), averageWeights(average)] };
  };
  const whole = setup();
  const all = parts(whole.model);
  await fit(whole.model, { ...whole.fitting, callbacks: [...all.callbacks, {}] });

  manualSeed(7);
  let saved: Uint8Array | undefined;
  const saving: Callback = {
    onStep(run, { step }) {
      if (step !== 5) return;
      saved = run.checkpoint();
      run.stop();
    },
  };
  const first = setup();
  await fit(first.model, { ...first.fitting, callbacks: [...parts(first.model).callbacks, saving] });

  manualSeed(99);
  const resumed = setup();
  const rest = parts(resumed.model);
  await fit(resumed.model, { ...resumed.fitting, resume: saved, callbacks: [...rest.callbacks, {}] });
  expect(weights(resumed.model)).toEqual(weights(whole.model));
  expect(second(rest.average)).toEqual(second(all.average));
});
