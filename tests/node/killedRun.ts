// A run with everything that has state, which saves every third step and goes on from what it finds in the folder it is told.
// It says `from <step> <batch>` when it begins, and leaves all that training led to in `<folder>.json`.
import { createHash } from 'node:crypto';
import { manualSeed, randomState } from '../../src/base/random.js';
import type { StateDict } from '../../src/base/stateDict.js';
import { DataLoader } from '../../src/data/loader.js';
import { mixup } from '../../src/data/mix.js';
import { randomHorizontalFlip } from '../../src/data/transforms/index.js';
import { useKernels } from '../../src/kernels/use.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { checkpoints } from '../../src/node/checkpoints.js';
import { writeFileAtomic } from '../../src/node/files.js';
import { latestCheckpoint } from '../../src/node/latestCheckpoint.js';
import { Adam } from '../../src/optim/adam.js';
import { ExponentialMovingAverage } from '../../src/optim/ema.js';
import { Lookahead } from '../../src/optim/lookahead.js';
import { bestWeights, earlyStopping } from '../../src/train/callbacks.js';
import { fit } from '../../src/train/fit.js';
import { halves } from '../train/problems.js';

const [folder] = process.argv.slice(2);
await useKernels('plain');
manualSeed(3);
const model = new Sequential(
  new Conv2d(1, 8, 3, { padding: 1 }),
  new BatchNorm2d(8),
  new Flatten(),
  new Dropout(0.3),
  new Linear(128, 2),
);
const images = halves(200);
const optimizer = new Adam(model.parameters(), { learningRate: 0.01 });
const average = new ExponentialMovingAverage(model, { decay: 0.95 });
const lookahead = new Lookahead(model, { every: 4, decay: (progress) => 0.8 * progress });
const latest = await latestCheckpoint(folder, { model });
const history = await fit(model, {
  train: new DataLoader(images, { batchSize: 16, shuffle: true, transform: randomHorizontalFlip() }),
  validation: new DataLoader(images, { batchSize: 100 }),
  optimizer,
  schedule: (step) => 0.01 / (1 + step / 50),
  mix: mixup({ alpha: 0.4 }),
  average,
  lookahead,
  microBatchSize: 10,
  epochs: 16,
  resume: latest?.bytes,
  callbacks: [
    { onTrainStart: ({ step, batch }) => console.log(`from ${step} ${batch}`) },
    checkpoints(folder, { every: { epochs: 1, steps: 3 }, best: { monitor: 'validationLoss', count: 2 } }),
    earlyStopping({ patience: 99 }),
    bestWeights({ monitor: 'validationLoss' }),
  ],
});
const { tensors, ...rest } = optimizer.stateDict();
const final = {
  model: digest(model.stateDict()),
  average: digest(average.stateDict().tensors),
  lookahead: digest(lookahead.stateDict().tensors),
  optimizer: [digest(tensors), rest],
  random: randomState(),
  stepLoss: history.stepLoss,
  epochs: history.epochs.map(({ seconds: _, ...record }) => record),
};
await writeFileAtomic(`${folder}.json`, JSON.stringify(final));

function digest(state: StateDict): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of state)
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
