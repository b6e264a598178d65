import { expect, test } from 'vitest';
import { DataLoader } from '../../src/data/loader.js';
import { cutmix, mixup, oneOf } from '../../src/data/mix.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { MaxPool2d } from '../../src/layers/maxPool2d.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo } from '../../src/memory/memory.js';
import type { Metric } from '../../src/metrics/metric.js';
import { progressBar } from '../../src/node/progressBar.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { Lookahead } from '../../src/optim/lookahead.js';
import { SGD } from '../../src/optim/sgd.js';
import { fit } from '../../src/train/fit.js';
import { mirrorAndShiftViews } from '../../src/train/views.js';
import { collectGarbage, freeGarbage } from '../../testing/garbage.js';
import { halves, tinyNet } from './problems.js';

test('10,000 training steps keep the live bytes of the heap constant and the resident memory flat', async () => {
  const model = new Sequential(
    new Conv2d(1, 4, 3, { padding: 1, bias: false }),
    new BatchNorm2d(4),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(16, 2),
  );
  const loader = new DataLoader(halves(40), { batchSize: 4, shuffle: true });
  const live = new Set<number>();
  const heap = new Set<number>();
  const used: number[] = [];
  const outside: number[] = [];
  await fit(model, {
    train: loader,
    optimizer: new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 }),
    epochs: 1000,
    callbacks: [
      {
        onStep(_, { step }) {
          // The first epoch makes gradients, momentum and the workspace.
          if (step <= 10) return;
          live.add(memoryInfo().liveBytes);
          heap.add(memoryInfo().heapBytes);
          if (step % 500 !== 0) return;
          collectGarbage();
          const { rss, heapTotal, heapUsed } = process.memoryUsage();
          used.push(heapUsed);
          outside.push(rss - heapTotal);
        },
      },
    ],
  });
  expect(live.size).toBe(1);
  expect(heap.size).toBe(1);
  // Resident memory is the engine's objects and what lies outside of them. The engine doubles its nursery once, somewhere
  // on the way, so the objects are counted by what they use. A leak of 1 KiB a step would come to 5 MiB in either.
  expect(growth(used), `bytes in objects every 500 steps: ${used.join(' ')}`).toBeLessThan(2 * 2 ** 20);
  expect(growth(outside), `bytes outside every 500 steps: ${outside.join(' ')}`).toBeLessThan(4 * 2 ** 20);
});

test('every option together leaves nothing behind from one epoch to the next', async () => {
  await freeGarbage();
  const model = tinyNet();
  const top1: Metric = { update: () => {}, compute: () => 0, reset: () => {} };
  const live = new Set<number>();
  await fit(model, {
    train: new DataLoader(halves(40), { batchSize: 8, shuffle: true }),
    validation: new DataLoader(halves(10, 1), { batchSize: 5 }),
    optimizer: new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 }),
    epochs: 40,
    microBatchSize: 3,
    labelSmoothing: 0.1,
    mix: oneOf(mixup(), cutmix()),
    average: new ExponentialMovingAverage(model),
    lookahead: new Lookahead(model),
    clipNorm: 1,
    metrics: { top1 },
    views: mirrorAndShiftViews(),
    evaluateEvery: 2,
    callbacks: [
      progressBar({ print: () => {} }),
      {
        onEpochEnd(_, { epoch }) {
          if (epoch > 2) live.add(memoryInfo().liveBytes);
        },
      },
    ],
  });
  expect(live.size).toBe(1);
});

/** From the first measurements after a warm-up to the last, a step of 500 being one measurement. */
function growth(bytes: number[]): number {
  return Math.max(...bytes.slice(-4)) - Math.max(...bytes.slice(6, 10));
}
