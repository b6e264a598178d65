import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EpochRecord, History, MOST_EPOCHS, MOST_POINTS } from '../../src/train/history.js';
import { historyHead, historyTensors, readHistory } from '../../src/train/historyTables.js';
import type { TrainOptions } from '../../src/train/trainOptions.js';

/** A history of so many steps, the loss of each its number, and epochs of ten. */
function historyOf(steps: number): History {
  const history = new History();
  for (let step = 1; step <= steps; step++) {
    history.addStep(step, 1 / step);
    if (step % 10 === 0) history.addEpoch(recordOf(step / 10));
  }
  return history;
}

function recordOf(epoch: number, values: Partial<EpochRecord> = {}): EpochRecord {
  return { epoch, step: 10 * epoch, learningRate: 0.1, loss: 1 + 1 / epoch, accuracy: 0.5, seconds: 1, ...values };
}

const options = { epochs: 3, train: [] } as unknown as TrainOptions;

/** What a file holds of a history. */
function throughFile(history: History, planned: TrainOptions = options): History {
  const { head, tensors } = historyTensors(history, planned);
  const read = new History();
  read.restore(readHistory(historyHead(JSON.parse(JSON.stringify(head)), 'history'), tensors));
  return read;
}

describe('the curves of a history', () => {
  test('have a point for each step up to 16384, and half as many of two steps each after the next', () => {
    const history = historyOf(MOST_POINTS);
    expect([history.stepLoss.length, history.stepsPerPoint, history.steps]).toEqual([16_384, 1, 16_384]);
    expect(history.stepLoss.slice(0, 3)).toEqual([1, 2, 3]);
    history.addStep(16_385, 0.5);
    expect([history.stepLoss.length, history.stepsPerPoint, history.steps]).toEqual([8_192, 2, 16_385]);
    history.addStep(16_386, 0.25);
    expect(history.stepLoss.slice(0, 3)).toEqual([1.5, 3.5, 5.5]);
    expect(history.stepLearningRate.slice(0, 3)).toEqual([1 / 2, 1 / 4, 1 / 6]);
    expect([history.stepLoss.at(-1), history.stepLearningRate.at(-1)]).toEqual([16_385.5, 0.25]);
  });

  test('are means of the steps that each point stands for, however many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300_000 }), (steps) => {
        const history = new History();
        for (let step = 1; step <= steps; step++) history.addStep(step, step);
        const each = history.stepsPerPoint;
        expect(history.steps).toBe(steps);
        expect(history.stepLoss).toHaveLength(Math.floor(steps / each));
        expect(history.stepLoss.length).toBeLessThanOrEqual(MOST_POINTS);
        // Whole numbers, whose sums are exact.
        for (let i = 0; i < history.stepLoss.length; i += 997) {
          expect([history.stepLoss[i], history.stepLearningRate[i]]).toEqual([
            i * each + (each + 1) / 2,
            (i + 1) * each,
          ]);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('go on from a file as if there had been none, from any step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 0, max: 40_000 }), (steps, more) => {
        const whole = new History();
        let stopped = new History();
        for (let step = 0; step < steps + more; step++) {
          if (step === steps) stopped = throughFile(stopped);
          for (const history of [whole, stopped]) history.addStep(Math.sin(step), Math.cos(step));
        }
        expect(stopped.toJSON()).toEqual(whole.toJSON());
      }),
      { numRuns: 8 },
    );
  });

  test('of a file that has every step are merged as they would have been', () => {
    const stepLoss = Array.from({ length: 40_001 }, (_, i) => Math.sin(i));
    const history = new History();
    history.restore({ epochs: [], stepLoss, stepLearningRate: stepLoss });
    const whole = new History();
    for (const loss of stepLoss) whole.addStep(loss, loss);
    expect(history.toJSON()).toEqual(whole.toJSON());
  });
});

describe('the epochs of a history', () => {
  test('are bounded: the newest stay, and the best by any monitor', () => {
    const history = new History();
    for (let epoch = 1; epoch <= 50_000; epoch++) {
      history.addEpoch(
        recordOf(epoch, {
          loss: epoch === 777 ? 0.1 : 1,
          validationAccuracy: epoch === 778 ? 0.9 : 0.5,
          metrics: { f1: epoch === 11 ? 0.99 : 0.2, error: epoch === 13 ? 0.01 : 0.3 },
        }),
      );
      expect(history.epochs.at(-1)?.epoch).toBe(epoch);
    }
    expect(history.epochs.length).toBeLessThanOrEqual(MOST_EPOCHS);
    const epochs = history.epochs.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    expect(epochs.slice(-2048)).toEqual(Array.from({ length: 2048 }, (_, i) => 50_000 - 2047 + i));
    expect(history.best('loss')?.epoch).toBe(777);
    expect(history.best('validationAccuracy')?.epoch).toBe(778);
    expect(history.best('metrics.f1')?.epoch).toBe(11);
    expect(history.best('-metrics.error')?.epoch).toBe(13);
  });

  test('that stay do not depend on how long they took', () => {
    const kept = (seconds: (epoch: number) => number): number[] => {
      const history = new History();
      for (let epoch = 1; epoch <= 9_000; epoch++) history.addEpoch(recordOf(epoch, { seconds: seconds(epoch) }));
      return history.epochs.map(({ epoch }) => epoch);
    };
    expect(kept((epoch) => (epoch * 7919) % 4099)).toEqual(kept(() => 1));
  });

  test('come back from a file with what was measured of each, digit for digit, NaN and infinity too', () => {
    const history = new History();
    history.addEpoch(recordOf(1, { loss: 0.1 + 0.2, accuracy: Number.NaN }));
    history.addEpoch(recordOf(2, { validationLoss: Infinity, metrics: { 'a.b': -0, c: Number.NaN } }));
    history.addEpoch(recordOf(3, { validationMetrics: { c: 1e-320 } }));
    expect(throughFile(history).epochs).toEqual(history.epochs);
  });
});

test('a history takes as many bytes in each checkpoint of a run as in the last', () => {
  const sizeOf = (history: History, plan: Partial<TrainOptions>) => {
    const { tensors } = historyTensors(history, { ...options, ...plan });
    return [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  };
  const plan = { epochs: 100_000, train: Object.assign([], { length: 10 }) };
  const sizes = [1, 1_000, 20_000, 50_000].map((steps) => sizeOf(historyOf(steps), plan as Partial<TrainOptions>));
  expect(new Set(sizes).size).toBe(1);
  // A source that does not tell its length has a few sizes, up to the last.
  const unknown = { epochs: 100_000, train: { *[Symbol.iterator]() {} } };
  const grown = [16, 17, 9_000, 17_000, 100_000].map((steps) =>
    sizeOf(historyOf(steps), unknown as Partial<TrainOptions>),
  );
  expect(grown).toEqual([...grown].sort((a, b) => a - b));
  expect(grown.slice(-3)).toEqual([grown[4], grown[4], grown[4]]);
  expect(grown[4] - grown[0]).toBe(16 * (MOST_POINTS - 16));
});
