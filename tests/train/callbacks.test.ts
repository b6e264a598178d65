import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import type { Module } from '../../src/layers/module.js';
import { bestWeights, type Callback, earlyStopping } from '../../src/train/callbacks.js';
import type { EpochRecord } from '../../src/train/history.js';
import type { TrainingRun } from '../../src/train/run.js';
import { tinyNet } from './problems.js';

function record(epoch: number, validationLoss?: number, validationAccuracy?: number): EpochRecord {
  return { epoch, step: epoch, learningRate: 1, loss: 1, accuracy: 0, validationLoss, validationAccuracy, seconds: 0 };
}

/** Feeds validation losses to a callback and says after which epoch it stopped; 0 for never. */
function stopsAfter(callback: Callback, losses: number[]): number {
  let stopped = false;
  const run = { stop: () => (stopped = true), options: {} } as unknown as TrainingRun;
  for (const [i, loss] of losses.entries()) {
    callback.onEpochEnd?.(run, record(i + 1, loss));
    if (stopped) return i + 1;
  }
  return 0;
}

/** A run whose weights are measured as they are. */
function runOf(model: Module, options: object = {}): TrainingRun {
  return { model, options, measuredWeights: () => model.stateDict() } as unknown as TrainingRun;
}

describe('earlyStopping', () => {
  test('stops when nothing got better for as many epochs as its patience', () => {
    expect(stopsAfter(earlyStopping({ patience: 2 }), [3, 2, 2.5, 2, 1])).toBe(4);
    expect(stopsAfter(earlyStopping({ patience: 2 }), [3, 2, 2.5, 1.9, 2, 1.8])).toBe(0);
  });

  test('does not count less than minDelta as better', () => {
    expect(stopsAfter(earlyStopping({ patience: 2, minDelta: 0.5 }), [3, 2.8, 2.6, 1])).toBe(3);
  });

  test('takes a NaN as no progress', () => {
    expect(stopsAfter(earlyStopping({ patience: 2 }), [3, Number.NaN, Number.NaN])).toBe(3);
  });

  test('wants accuracies to rise', () => {
    let stops = 0;
    const run = { stop: () => stops++ } as unknown as TrainingRun;
    const callback = earlyStopping({ monitor: 'validationAccuracy', patience: 1 });
    for (const [i, accuracy] of [0.1, 0.2, 0.2].entries()) callback.onEpochEnd?.(run, record(i + 1, 1, accuracy));
    expect(stops).toBe(1);
  });

  test('goes on waiting where its state was saved', () => {
    const before = earlyStopping({ patience: 2 });
    stopsAfter(before, [3, 4]);
    const after = earlyStopping({ patience: 2 });
    const { values } = JSON.parse(JSON.stringify(before.saveState?.()));
    after.loadState?.({ values, tensors: new Map() });
    expect(stopsAfter(after, [3.5])).toBe(1);
  });

  test('waits through epochs that are not measured', () => {
    let stops = 0;
    const run = { stop: () => stops++, options: { validation: [] } } as unknown as TrainingRun;
    const callback = earlyStopping({ patience: 2 });
    for (const [i, loss] of [3, undefined, 4, undefined].entries()) callback.onEpochEnd?.(run, record(i + 1, loss));
    expect(stops).toBe(0);
    callback.onEpochEnd?.(run, record(5, 4));
    expect(stops).toBe(1);
  });

  test('says what is missing without validation data, and refuses bad options', () => {
    expect(() => stopsAfter(earlyStopping(), [undefined as unknown as number])).toThrow(
      "earlyStopping: validationLoss was not measured in epoch 1. Pass validation data to fit, or monitor 'loss' or 'accuracy'.",
    );
    expect(() => earlyStopping({ patience: 0 })).toThrow(ArgumentError);
    expect(() => earlyStopping({ patients: 3 } as object)).toThrow(
      "earlyStopping: there is no option 'patients'. Did you mean 'patience'?",
    );
    expect(() => earlyStopping({ monitor: 'validationAcuracy' as 'accuracy' })).toThrow(
      "earlyStopping: there is no 'validationAcuracy' to monitor. Did you mean 'validationAccuracy'?",
    );
    expect(() => earlyStopping({ minDelta: -1 })).toThrow('minDelta is -1, but must be >= 0');
  });
});

describe('bestWeights', () => {
  test('puts the weights of the best epoch back at the end', () => {
    const model = tinyNet();
    const run = runOf(model);
    const weight = [...model.parameters()][0];
    const callback = bestWeights();
    for (const [i, loss] of [3, 1, 2].entries()) {
      weight.data[0] = i + 1;
      callback.onEpochEnd?.(run, record(i + 1, loss));
    }
    expect(callback.best).toMatchObject({ epoch: 2, value: 1 });
    expect(weight.data[0]).toBe(3);
    callback.onTrainEnd?.(run, 'done');
    expect(weight.data[0]).toBe(2);
  });

  test('only keeps them with restore: false', () => {
    const model = tinyNet();
    const weight = [...model.parameters()][0];
    const callback = bestWeights({ restore: false });
    callback.onEpochEnd?.(runOf(model), record(1, 1));
    weight.data[0] = 42;
    callback.onTrainEnd?.(runOf(model), 'done');
    expect(weight.data[0]).toBe(42);
    expect(callback.best?.weights.get('1.weight')?.data[0]).not.toBe(42);
  });
});
