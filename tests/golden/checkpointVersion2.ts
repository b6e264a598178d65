// Made checkpoint-version-2.safetensors with the last library that wrote version 2 (commit 166c830): npx tsx tests/golden/checkpointVersion2.ts
import { writeFileSync } from 'node:fs';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { useKernels } from '../../src/kernels/use.js';
import { SGD } from '../../src/optim/sgd.js';
import { type Callback, earlyStopping } from '../../src/train/callbacks.js';
import { fit } from '../../src/train/fit.js';
import { halves, tinyNet } from '../train/problems.js';

await useKernels('plain');
manualSeed(8);
const model = tinyNet();
const saver: Callback = {
  onStep(run, { step }) {
    if (step !== 8) return;
    writeFileSync(new URL('files/checkpoint-version-2.safetensors', import.meta.url), run.checkpoint());
    run.stop();
  },
};
await fit(model, {
  train: new DataLoader(halves(40), { batchSize: 8, shuffle: true }),
  validation: new DataLoader(halves(40), { batchSize: 40 }),
  optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 }),
  epochs: 3,
  callbacks: [earlyStopping({ patience: 9 }), saver],
});
