// How small the file of a trained ResNet-8 gets by the stages of Deep Compression, and what each costs in accuracy on CIFAR-10, without fine-tuning. WEIGHTS names the
// weights of the recipe resnet8.
//
//   WEIGHTS=runs/resnet8-seed1/weights.safetensors node --import tsx benchmarks/edge/packResnet8.ts

import { packWeights, pruneWeights, shareWeights } from '../../src/edge/index.js';
import { createModel, DataLoader, evaluate, measureMeanStd, useKernels, writeSafetensors } from '../../src/index.js';
import { cifar10, loadWeights } from '../../src/node/index.js';

const { CIFAR10_DIR: dir = '../shared/data/cifar10', WEIGHTS = 'runs/resnet8-seed1/weights.safetensors' } = process.env;
await useKernels('simd', { threads: 1 });
const normalize = measureMeanStd(await cifar10({ split: 'train', dir }));
const test = new DataLoader(await cifar10({ split: 'test', dir }), { batchSize: 250, normalize });
const state = await loadWeights(WEIGHTS);
const fresh = () => {
  const model = createModel('resnet8');
  model.loadStateDict(state);
  return model;
};
const report = async (what: string, model: ReturnType<typeof fresh>, bytes: number): Promise<void> => {
  const { accuracy } = await evaluate(model, test);
  console.log(`${what.padEnd(34)} ${(bytes / 1000).toFixed(1).padStart(6)} kB  ${(100 * accuracy).toFixed(2)} %`);
};

const model = fresh();
await report('float32', model, writeSafetensors(model.stateDict()).length);
const half = writeSafetensors(model.stateDict(), {}, { dtype: 'F16' });
const { readSafetensors } = await import('../../src/io/index.js');
model.loadStateDict(readSafetensors(half));
await report('float16', model, half.length);
for (const [sparsity, bits] of [
  [0, 6],
  [0, 5],
  [0.3, 5],
  [0.5, 5],
]) {
  const each = fresh();
  if (sparsity > 0) pruneWeights(each, { sparsity });
  shareWeights(each, { bits });
  await report(`${100 * sparsity} % zeros, ${bits} bits, packed`, each, (await packWeights(each)).length);
}
