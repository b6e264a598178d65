// Train one model in several processes, on one machine or many: npx stridenet launch --ranks 2 examples/11-train-on-many-machines.ts
// Any number of ranks up to 8 leaves the same bytes. Kill it and start it again: it goes on from its newest checkpoint.
import {
  createModel,
  DataLoader,
  fit,
  manualSeed,
  measureMeanStd,
  SGD,
  splitDataset,
  subset,
  useKernels,
} from 'stridenet';
import { checkpoints, createGroup, latestCheckpoint, progressBar } from 'stridenet/node';
import { compose, randomCrop, randomHorizontalFlip } from 'stridenet/transforms';
import { loadImages } from './support/data.js';
import { tiny } from './support/tiny.js';

const folder = tiny ? null : 'runs/many-machines';

// (1) The group: the launcher says which rank this is. Without a launcher, it is a group of one.
const group = await createGroup();
// Several ranks on one machine share its cores: one thread each.
if (group.size > 1) await useKernels('simd', { threads: 1 });
// All ranks make the same model, from the same seed.
manualSeed(0);

const images = await loadImages(process.argv.slice(2).find((arg) => !arg.startsWith('--')));
const used = tiny
  ? subset(
      images.train,
      Int32Array.from({ length: 160 }, (_, i) => i),
    )
  : images.train;
const [train, validation] = splitDataset(used, 0.04, { seed: 0 });
const normalize = measureMeanStd(train);
const transform = compose(randomCrop(2), randomHorizontalFlip());
const model = createModel('cifar_net', { numClasses: train.classes.length });

// (2) The loader has the whole data set on every rank, and prepares this rank's part of each batch of 64.
const latest = folder === null || group.rank > 0 ? null : await latestCheckpoint(folder, { model });
const history = await fit(model, {
  group,
  train: new DataLoader(train, { batchSize: 64, shuffle: true, dropLast: true, transform, normalize }),
  validation: new DataLoader(validation, { batchSize: 250, normalize }),
  optimizer: new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
  epochs: tiny ? 1 : 8,
  resume: latest?.bytes,
  // (3) Only rank 0 prints and writes.
  callbacks: [progressBar(), ...(folder === null ? [] : [checkpoints(folder, { every: { steps: 100 } })])],
});
const accuracy = history.epochs.at(-1)?.validationAccuracy ?? 0;
if (group.rank === 0) console.log(`${group.size} ranks: validation accuracy ${(100 * accuracy).toFixed(2)} %`);
await group.close();
