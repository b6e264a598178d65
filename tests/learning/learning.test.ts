import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { type Dataset, subset } from '../../src/data/dataset.js';
import { DataLoader } from '../../src/data/loader.js';
import { measureMeanStd } from '../../src/data/meanStd.js';
import { synthetic } from '../../src/data/synthetic.js';
import { useKernels } from '../../src/kernels/use.js';
import { createModel } from '../../src/models/index.js';
import { cifar10 } from '../../src/node/cifar.js';
import { oneCycleSchedule } from '../../src/optim/cyclicSchedules.js';
import { SGD } from '../../src/optim/sgd.js';
import { fit } from '../../src/train/fit.js';

const cifar = fileURLToPath(new URL('../../../shared/data/cifar10', import.meta.url));
const hasCifar = existsSync(cifar);
const absent = hasCifar ? '' : ' (not here: ../shared/data/cifar10 is missing)';

const IMAGES = 2000;
const EPOCHS = 3;

/** Trains a small net on the first 2,000 images, the same way with every table, and gives the last epoch's mean loss. */
async function finalLoss(table: 'reference' | 'plain' | 'simd', dataset: Dataset): Promise<number> {
  await useKernels(table, { threads: 1 });
  manualSeed(1);
  const images = subset(
    dataset,
    Array.from({ length: IMAGES }, (_, i) => i),
  );
  const train = new DataLoader(images, { batchSize: 32, shuffle: true, normalize: measureMeanStd(images) });
  const model = createModel('cifar_net', { widthMultiplier: 0.25 });
  const history = await fit(model, {
    train,
    optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    schedule: oneCycleSchedule(0.1, { steps: EPOCHS * train.length }),
    epochs: EPOCHS,
  });
  return history.epochs[EPOCHS - 1].loss;
}

// Rounding differs from table to table and is blown up by training: over other seeds the losses spread from 1.46 to 1.58 and from 1.08
// to 1.51. A tenth of the learning rate gives 1.65 and 1.76, none at all ln 10 = 2.30.
describe.each(['reference', 'plain', 'simd'] as const)(
  'with the %s kernels the last loss falls in its band',
  (table) => {
    test('on synthetic images', async () => {
      const loss = await finalLoss(table, synthetic({ length: IMAGES }));
      expect(loss).toBeGreaterThan(1.12);
      expect(loss).toBeLessThan(1.42);
    }, 120_000);

    test.runIf(hasCifar)(
      `on 2,000 images of CIFAR-10${absent}`,
      async () => {
        const loss = await finalLoss(table, await cifar10({ dir: cifar, split: 'train' }));
        expect(loss).toBeGreaterThan(1.4);
        expect(loss).toBeLessThan(1.56);
      },
      120_000,
    );
  },
);
