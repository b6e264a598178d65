/*
 * What does augmentation cost, and does a training step wait for its images? Microseconds an image for each transform, then
 * the time that steps of ResNet-20 take and the part of it they wait for data, with workers and without.
 */
import { loadavg } from 'node:os';
import {
  alternatingFlip,
  colorJitter,
  compose,
  cutout,
  randAugment,
  randomAffine,
  randomCrop,
  randomErasing,
  randomHorizontalFlip,
  translate,
} from '../src/data/transforms/index.js';
import {
  createModel,
  crossEntropy,
  DataLoader,
  type DataLoaderOptions,
  SGD,
  synthetic,
  type Transform,
  withTape,
} from '../src/index.js';

const data = synthetic({ length: 2000 });
const options = { shuffle: true, normalize: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } };
const transforms: Record<string, Transform | undefined> = {
  'none: floats, mean, stacking': undefined,
  'alternatingFlip()': alternatingFlip(),
  'translate(2)': translate(2),
  'randomCrop(4) and flip': compose(randomCrop(4), randomHorizontalFlip()),
  'cutout(8)': cutout(8),
  'randomErasing()': randomErasing(),
  'randomAffine, all of it': randomAffine({ degrees: 15, translate: 0.1, scale: [0.9, 1.1], shear: 5 }),
  'colorJitter, all four': colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.1 }),
  'randAugment()': randAugment(),
};

console.log(
  `load ${loadavg()[0].toFixed(2)}; images of 3 x 32 x 32, least of five epochs of ${data.length}, the turns interleaved`,
);
const loaders = Object.entries(transforms).map(([name, transform]) => ({
  name,
  loader: new DataLoader(data, { ...options, batchSize: 250, transform }),
  least: Number.POSITIVE_INFINITY,
}));
for (let turn = 0; turn < 5; turn++) {
  for (const entry of loaders) {
    const start = performance.now();
    for (const _ of entry.loader);
    entry.least = Math.min(entry.least, performance.now() - start);
  }
}
for (const { name, least } of loaders) {
  console.log(`${name.padEnd(30)} ${((1000 * least) / data.length).toFixed(1).padStart(6)} us an image`);
}

/** Milliseconds a step, and how many of them passed before its batch was there. */
function steps(loaderOptions: DataLoaderOptions): { step: number; wait: number } {
  const model = createModel('resnet20');
  const optimizer = new SGD(model.parameters(), { learningRate: 0.01 });
  let wait = 0;
  let count = 0;
  let start = 0;
  const batches = new DataLoader(data, loaderOptions)[Symbol.iterator]();
  for (;;) {
    const asked = performance.now();
    const { done, value: batch } = batches.next();
    if (done) break;
    if (count > 0) wait += performance.now() - asked;
    if (count++ === 0) start = performance.now();
    withTape((tape) => tape.backward(crossEntropy(model.forward(batch.x), batch.labels)));
    optimizer.step();
    optimizer.zeroGrad();
  }
  return { step: (performance.now() - start) / count, wait: wait / (count - 1) };
}

console.log('\nsteps of resnet20, 128 images, randAugment(): milliseconds, of which waiting for the batch');
const results = [0, 1, 2].map((workers) => ({ workers, step: Number.POSITIVE_INFINITY, wait: 0 }));
for (let turn = 0; turn < 3; turn++) {
  for (const result of results) {
    const { workers } = result;
    const measured = steps({ ...options, batchSize: 128, transform: randAugment(), workers });
    if (measured.step < result.step) Object.assign(result, measured);
  }
}
for (const { workers, step, wait } of results) {
  console.log(`workers: ${workers}${step.toFixed(1).padStart(28)} ms ${wait.toFixed(1).padStart(8)} ms`);
}
