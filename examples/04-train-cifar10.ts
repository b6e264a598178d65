// Train an image classifier on CIFAR-10 with `fit`, and measure it on new images:
// npx tsx examples/04-train-cifar10.ts [CIFAR-10-folder]. `npx stridenet train` does the same with checkpoints, curves and pictures.
import {
  createModel,
  DataLoader,
  evaluate,
  fit,
  manualSeed,
  measureMeanStd,
  oneCycleSchedule,
  SGD,
  splitDataset,
  subset,
} from 'stridenet';
import { progressBar } from 'stridenet/node';
import { compose, randomCrop, randomHorizontalFlip } from 'stridenet/transforms';
import { loadImages } from './support/data.js';
import { tiny } from './support/tiny.js';

const folder = process.argv.slice(2).find((arg) => !arg.startsWith('--'));
const epochs = tiny ? 1 : 8;
manualSeed(0);

// (1) Data: a few training images are held out to follow the learning; the test images are used once, at the end.
const images = await loadImages(folder);
const used = tiny
  ? subset(
      images.train,
      Int32Array.from({ length: 320 }, (_, i) => i),
    )
  : images.train;
const [train, validation] = splitDataset(used, 0.04, { seed: 0 });
const normalize = measureMeanStd(train);
const transform = compose(randomCrop(2), randomHorizontalFlip());
const loader = new DataLoader(train, { batchSize: 32, shuffle: true, dropLast: true, transform, normalize });

// (2) Model, optimizer, schedule.
const model = createModel('cifar_net', { numClasses: train.classes.length });
const optimizer = new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
const schedule = oneCycleSchedule(0.05, { steps: epochs * loader.length });

// (3) Training. Ctrl-C ends it after the current step.
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
await fit(model, {
  train: loader,
  validation: new DataLoader(validation, { batchSize: 250, normalize }),
  optimizer,
  schedule,
  epochs,
  signal: controller.signal,
  callbacks: [progressBar()],
});

// (4) The test.
const { accuracy, confusion } = await evaluate(model, new DataLoader(images.test, { batchSize: 250, normalize }));
console.log(`${confusion.total} new images: test accuracy ${(100 * accuracy).toFixed(2)} %`);
