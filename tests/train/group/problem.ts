import { vi } from 'vitest';
import { manualSeed } from '../../../src/base/random.js';
import { DataLoader } from '../../../src/data/loader.js';
import { mixup } from '../../../src/data/mix.js';
import { compose } from '../../../src/data/transforms/compose.js';
import { randomHorizontalFlip } from '../../../src/data/transforms/flip.js';
import { randomCrop } from '../../../src/data/transforms/shift.js';
import type { ProcessGroup, ProcessGroupOptions } from '../../../src/distributed/processGroup.js';
import { BatchNorm2d } from '../../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../../src/layers/conv2d.js';
import { Dropout } from '../../../src/layers/dropout.js';
import { Flatten } from '../../../src/layers/flatten.js';
import { Linear } from '../../../src/layers/linear.js';
import type { Module } from '../../../src/layers/module.js';
import { ReLU } from '../../../src/layers/relu.js';
import { Sequential } from '../../../src/layers/sequential.js';
import { Calibration } from '../../../src/metrics/calibration.js';
import { ExponentialMovingAverage } from '../../../src/optim/ema.js';
import { SGD } from '../../../src/optim/sgd.js';
import { type FitOptions, fit } from '../../../src/train/fit.js';
import type { History } from '../../../src/train/history.js';
import { memoryGroup } from '../../../testing/memoryGroup.js';
import { halves } from '../problems.js';

/** A net with everything that could tell ranks apart: running statistics, dropout, layers of several sizes. */
export function net(): Module {
  return new Sequential(
    new Conv2d(1, 6, 3, { padding: 1 }),
    new BatchNorm2d(6),
    new ReLU(),
    new Flatten(),
    new Dropout(0.3),
    new Linear(96, 16),
    new ReLU(),
    new Linear(16, 2),
  );
}

/** The same options for each rank: 5 epochs of 4 batches, the last of them smaller. */
export function options(model: Module): FitOptions {
  const transform = compose(randomHorizontalFlip(), randomCrop(1));
  return {
    train: new DataLoader(halves(102), { batchSize: 32, shuffle: true, transform }),
    validation: new DataLoader(halves(50, 1), { batchSize: 8 }),
    optimizer: new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
    epochs: 5,
    schedule: (step) => 0.05 / (1 + step / 10),
    clipNorm: 0.8,
    labelSmoothing: 0.1,
    mix: mixup(),
    average: new ExponentialMovingAverage(model, { decay: 0.9 }),
    metrics: { calibration: new Calibration() },
  };
}

export interface RankResult {
  checkpoint: Uint8Array;
  history: History;
  model: Module;
}

/** What a rank may do otherwise. */
export type Change = (own: FitOptions, model: Module, group: ProcessGroup) => Partial<FitOptions> & { model?: Module };

/** Trains on ranks in this process, which all take turns, with a clock that stands still. */
export async function trainRanks(
  size: number,
  change: Change = () => ({}),
  settings: ProcessGroupOptions = {},
): Promise<PromiseSettledResult<RankResult>[]> {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { ranks } = memoryGroup(size, settings);
  const runs = ranks.map((group) => {
    manualSeed(7);
    const standard = net();
    const own = options(standard);
    let checkpoint = new Uint8Array();
    const { model = standard, ...changed } = change(own, standard, group);
    const saver = {
      onTrainEnd(run: { checkpoint(): Uint8Array }) {
        checkpoint = run.checkpoint() as typeof checkpoint;
      },
    };
    const callbacks = [...(changed.callbacks ?? []), saver];
    return fit(model, { ...own, ...changed, callbacks, group }).then((history) => ({ checkpoint, history, model }));
  });
  const results = await Promise.allSettled(runs);
  await Promise.all(ranks.map((group) => group.close()));
  vi.restoreAllMocks();
  return results;
}

/** The results of ranks of which none may fail. */
export async function trained(size: number, change?: Change, settings?: ProcessGroupOptions): Promise<RankResult[]> {
  return (await trainRanks(size, change, settings)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
