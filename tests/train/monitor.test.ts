import { describe, expect, test } from 'vitest';
import { bestWeights, type Callback, earlyStopping } from '../../src/train/callbacks.js';
import { type EpochRecord, History } from '../../src/train/history.js';
import { checkMonitor, isBetter, isOfValidation, type Monitor } from '../../src/train/monitor.js';
import type { TrainingRun } from '../../src/train/run.js';
import { tinyNet } from './problems.js';

const record = (epoch: number, f1: number, ece: number): EpochRecord => {
  const metrics = { f1: 1 - f1, ece };
  const validationMetrics = { f1, ece };
  return { epoch, step: epoch, learningRate: 1, loss: 1, accuracy: 0, metrics, validationMetrics, seconds: 0 };
};

const records = [record(1, 0.5, 0.2), record(2, 0.7, 0.3), record(3, 0.6, 0.1), record(4, 0.7, 0.1)];

const history = new History();
history.epochs.push(...records);

/** After how many records a callback stopped; 0 for never. */
function stopsAfter(callback: Callback, run: object = {}): number {
  let stopped = false;
  for (const r of records) {
    callback.onEpochEnd?.({ stop: () => (stopped = true), ...run } as unknown as TrainingRun, r);
    if (stopped) return r.epoch;
  }
  return 0;
}

describe('a metric by its name', () => {
  test('is better when larger, or when smaller where the name begins with a minus', () => {
    expect(history.best('validationMetrics.f1')?.epoch).toBe(2);
    expect(history.best('metrics.f1')?.epoch).toBe(1);
    expect(history.best('-validationMetrics.ece')?.epoch).toBe(3);
    expect(history.best('validationMetrics.nothing')).toBeUndefined();
    expect(isBetter('-metrics.ece', 0.2, 0.3)).toBe(true);
    expect(isBetter('-metrics.ece', 0.2, 0.3, 0.2)).toBe(false);
    expect(isBetter('metrics.f1', Number.NaN, 0)).toBe(false);
  });

  test('stops training and chooses weights', () => {
    expect(stopsAfter(earlyStopping({ monitor: 'validationMetrics.f1', patience: 2 }))).toBe(4);
    expect(stopsAfter(earlyStopping({ monitor: '-validationMetrics.ece', patience: 2 }))).toBe(0);
    const model = tinyNet();
    const best = bestWeights({ monitor: '-validationMetrics.ece' });
    stopsAfter(best, { measuredWeights: () => model.stateDict() });
    expect(best.best).toMatchObject({ epoch: 3, value: 0.1 });
  });

  test('needs validation data when it is of them', () => {
    expect(isOfValidation('-validationMetrics.ece')).toBe(true);
    expect(isOfValidation('metrics.f1')).toBe(false);
  });

  test('that there is not is refused, with those that there are', () => {
    const stopping = earlyStopping({ monitor: 'validationMetrics.f2' });
    expect(() => stopsAfter(stopping, { options: { metrics: { f1: 0, ece: 0 } } })).toThrow(
      "earlyStopping: there is no metric 'f2' for validationMetrics.f2. fit's metrics are f1, ece.",
    );
    expect(() => stopsAfter(stopping, { options: {} })).toThrow('fit was given no metrics.');
    expect(() => checkMonitor('here', 'validationMetric.f1' as Monitor)).toThrow(
      "here: there is no 'validationMetric.f1'",
    );
    expect(() => checkMonitor('here', '-loss' as Monitor)).toThrow("Did you mean 'loss'?");
    expect(() => checkMonitor('here', 'xyz' as Monitor)).toThrow("a metric as 'metrics.NAME'");
  });
});
