import { DataLoader } from '../../../src/data/loader.js';
import { mixup } from '../../../src/data/mix.js';
import { compose } from '../../../src/data/transforms/compose.js';
import { randomHorizontalFlip } from '../../../src/data/transforms/flip.js';
import { randomCrop } from '../../../src/data/transforms/shift.js';
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
import type { FitOptions } from '../../../src/train/fit.js';
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
