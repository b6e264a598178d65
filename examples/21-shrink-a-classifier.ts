// A classifier for a page in few kilobytes: npx tsx examples/21-shrink-a-classifier.ts
//
// A network learns ten kinds of synthetic images, loses half of its multiply-adds, teaches a smaller one, and its file shrinks in four stages.

import {
  createModel,
  DataLoader,
  evaluate,
  type FitOptions,
  fit,
  type Module,
  manualSeed,
  measureMeanStd,
  oneCycleSchedule,
  SGD,
  synthetic,
  writeSafetensors,
} from 'stridenet';
import { compareWithScratch, distill, packWeights, prune, pruneWeights, shareWeights } from 'stridenet/edge';
import { tiny } from './support/tiny.js';

const size = tiny ? { train: 100, test: 50, epochs: 1 } : { train: 4000, test: 1000, epochs: 4 };
const inputShape = [1, 3, 32, 32];
const images = synthetic({ split: 'train', length: size.train });
const normalize = measureMeanStd(images);
const test = new DataLoader(synthetic({ split: 'test', length: size.test }), { batchSize: 100, normalize });

/** One cycle of the learning rate. */
function optionsFor(model: Module, rate: number): FitOptions {
  const train = new DataLoader(images, { batchSize: 32, shuffle: true, normalize });
  const optimizer = new SGD(model.parameters(), { learningRate: rate, momentum: 0.9, weightDecay: 5e-4 });
  const schedule = oneCycleSchedule(rate, { steps: size.epochs * train.length });
  return { train, optimizer, schedule, epochs: size.epochs };
}
const score = async (model: Module): Promise<number> => (await evaluate(model, test)).accuracy;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

manualSeed(1);
const model = createModel('resnet8');
await fit(model, optionsFor(model, 0.1));
console.log(`ResNet-8: ${percent(await score(model))}`);

// (1) Fewer channels: half of the multiply-adds, and the same training from fresh weights as a control.
const pruned = prune(model, { inputShape, speedup: 2 });
console.log(`pruned to ${pruned.speedup.toFixed(2)}x fewer multiply-adds: ${percent(await score(pruned.model))}`);
const comparison = await compareWithScratch(pruned.model, {
  train: (each) => fit(each, optionsFor(each, 0.05)),
  score,
});
console.log(String(comparison));

// (2) A narrower network that learns from the large one.
const student = createModel('resnet8', { widthMultiplier: 0.5 });
await distill(model, student, optionsFor(student, 0.1));
console.log(`half as wide, taught by the large one: ${percent(await score(student))}`);

// (3) The file: half precision; then zeros, shared weights and compression. None of these makes the network faster.
const small = comparison.model;
const kilobytes = (bytes: Uint8Array): string => `${(bytes.length / 1000).toFixed(0)} kB`;
console.log(`float32 ${kilobytes(writeSafetensors(small.stateDict()))}`);
console.log(`float16 ${kilobytes(writeSafetensors(small.stateDict(), {}, { dtype: 'F16' }))}`);
const masks = pruneWeights(small, { sparsity: 0.6 });
await fit(small, { ...optionsFor(small, 0.02), callbacks: [masks.callback()] });
shareWeights(small, { bits: 5 });
console.log(`packed ${kilobytes(await packWeights(small))}: ${percent(await score(small))}`);
