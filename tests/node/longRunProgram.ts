// A run of many tiny steps with dropout, shuffling and momentum, which saves as it goes and goes on from what it finds in the folder it is told.
// It says `from <step>` when it begins, and `at <step> <bytes of the newest checkpoint> <resident MiB> <microseconds a step>` as it goes; it leaves
// all that training led to in `<folder>.json`.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { manualSeed, randomState } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { useKernels } from '../../src/kernels/use.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { checkpoints } from '../../src/node/checkpoints.js';
import { writeFileAtomic } from '../../src/node/files.js';
import { latestCheckpoint } from '../../src/node/latestCheckpoint.js';
import { SGD } from '../../src/optim/sgd.js';
import { fit } from '../../src/train/fit.js';
import { halves } from '../train/problems.js';

const [folder, count, saves] = process.argv.slice(2);
const steps = Number(count);
const every = Math.ceil(steps / Number(saves));
await useKernels('plain');
manualSeed(3);
const model = new Sequential(new Flatten(), new Dropout(0.3), new Linear(16, 2));
// Ten steps make an epoch, so that the epochs are many too.
const train = new DataLoader(halves(20), { batchSize: 2, shuffle: true });
const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
const latest = await latestCheckpoint(folder, { model });
const saving = checkpoints(folder, { every: { steps: every }, best: { monitor: 'loss', count: 2 } });
let since = 0;
let started = performance.now();
const history = await fit(model, {
  train,
  optimizer,
  schedule: (step) => 0.01 / (1 + step / 1000),
  epochs: steps / 10,
  resume: latest?.bytes,
  callbacks: [
    {
      onTrainStart({ step }) {
        console.log(`from ${step}`);
        since = step;
        started = performance.now();
      },
    },
    saving,
    {
      onSettled({ step }, event) {
        if (event !== 'step' || step % every !== 0 || saving.newest === null) return;
        const each = (1000 * (performance.now() - started)) / (step - since);
        const resident = process.memoryUsage.rss() / 2 ** 20;
        console.log(`at ${step} ${statSync(saving.newest).size} ${resident.toFixed(1)} ${each.toFixed(1)}`);
        since = step;
        started = performance.now();
      },
    },
  ],
});
const hash = createHash('sha256');
for (const { data } of [...model.stateDict().values(), ...optimizer.stateDict().tensors.values()]) {
  hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
const epochs = history.epochs.map(({ seconds: _, ...record }) => record);
const final = { digest: hash.digest('hex'), random: randomState(), loader: train.state(), ...history.toJSON(), epochs };
await writeFileAtomic(`${folder}.json`, JSON.stringify(final));
