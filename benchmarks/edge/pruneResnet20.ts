// What pruning ResNet-20 to half of its multiply-adds costs in accuracy on CIFAR-10, with the control of Liu et al. 2019: the same architecture from
// fresh weights, with the same training. Needs ../shared (or CIFAR10_DIR and WEIGHTS).
//
//   node --import tsx benchmarks/edge/pruneResnet20.ts [epochs=3] [speedup=2] [learning rate=0.02]

import { compose, randomCrop, randomHorizontalFlip } from '../../src/data/transforms/index.js';
import { compareWithScratch, prune } from '../../src/edge/index.js';
import {
  createModel,
  DataLoader,
  evaluate,
  fit,
  type Module,
  manualSeed,
  oneCycleSchedule,
  SGD,
  useKernels,
} from '../../src/index.js';
import { cifar10, loadWeights, saveWeights } from '../../src/node/index.js';

const [epochs = 3, speedup = 2, learningRate = 0.02] = process.argv.slice(2).map(Number);
const { CIFAR10_DIR: dir = '../shared/data/cifar10', OUT } = process.env;
const { WEIGHTS = '../shared/weights/resnet20-cifar10/resnet20-12fca82f.th' } = process.env;
const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

await useKernels('simd', { threads: 1 });
manualSeed(1);
const images = await cifar10({ split: 'train', dir });
const test = new DataLoader(await cifar10({ split: 'test', dir }), { batchSize: 250, normalize });
const accuracy = async (model: Module): Promise<number> => (await evaluate(model, test)).accuracy;

const model = createModel('resnet20');
model.loadStateDict(await loadWeights(WEIGHTS));
console.log(`ResNet-20: ${await accuracy(model)}`);
const result = prune(model, { inputShape: [1, 3, 32, 32], speedup });
console.log(String(result));
console.log(`pruned, before fine-tuning: ${await accuracy(result.model)}`);

/** Fine-tuning begins where training was in its middle; fresh weights need the rate of their own recipe. */
const train = (rate: number) => async (each: Module) => {
  manualSeed(1);
  const transform = compose(randomCrop(4), randomHorizontalFlip());
  const loader = new DataLoader(images, { batchSize: 128, shuffle: true, dropLast: true, transform, normalize });
  const optimizer = new SGD(each.parameters(), {
    learningRate: rate,
    momentum: 0.9,
    nesterov: true,
    weightDecay: 1e-4,
  });
  const schedule = oneCycleSchedule(rate, { steps: epochs * loader.length });
  const { epochs: records } = await fit(each, { train: loader, optimizer, schedule, epochs });
  for (const { epoch, loss, seconds } of records)
    console.log(`  epoch ${epoch}: loss ${loss.toFixed(4)}, ${seconds.toFixed(0)} s`);
};

let first = true;
const comparison = await compareWithScratch(result.model, {
  train: async (each) => {
    // The control gets the learning rate that suits it: ten times as much.
    await train(first ? learningRate : 10 * learningRate)(each);
    first = false;
  },
  score: accuracy,
});
console.log(`${epochs} epochs each:\n${comparison}`);
if (OUT !== undefined) await saveWeights(`${OUT}/resnet20-pruned.safetensors`, comparison.model);
