import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { DataLoader } from '../../src/data/loader.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { MaxPool2d } from '../../src/layers/maxPool2d.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { SGD } from '../../src/optim/sgd.js';
import { memoryInfo } from '../../src/tensor/memory.js';
import { fit } from '../../src/train/fit.js';
import { halves } from './problems.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
  const resident: number[] = [];
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
          resident.push(process.memoryUsage.rss());
        },
      },
    ],
  });
  expect(live.size).toBe(1);
  expect(heap.size).toBe(1);
  // The first thousands of steps warm up the compiler. A leak of 1 KiB a step would come to 5 MiB in 5,000 more.
  const settled = resident.slice(6);
  const growth = Math.max(...settled.slice(-4)) - Math.max(...settled.slice(0, 4));
  expect(growth, `resident bytes every 500 steps: ${resident.join(' ')}`).toBeLessThan(4 * 2 ** 20);
});
