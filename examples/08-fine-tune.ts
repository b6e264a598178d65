// Transfer learning: a ResNet-20 that knows ten classes learns a new question from 100 images, and is compared with one that starts
// from nothing: npx tsx examples/08-fine-tune.ts [WEIGHTS CIFAR-10-folder]
//
// The question is which of two kinds an image belongs to (on CIFAR-10: machine or animal). Without arguments the ten classes are
// synthetic ones, learned first.

import {
  createModel,
  DataLoader,
  type Dataset,
  evaluate,
  fit,
  ImageDataset,
  type MeanStd,
  type Module,
  manualSeed,
  measureMeanStd,
  SGD,
  subset,
  synthetic,
} from 'stridenet';
import { CIFAR10_CLASSES } from 'stridenet/data';
import { freeze, replaceHead } from 'stridenet/models';
import { cifar10, loadWeights } from 'stridenet/node';
import { tiny } from './support/tiny.js';

const [weights, folder] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const isReal = weights !== undefined && folder !== undefined;
const size = tiny ? { learn: 64, train: 20, test: 40, epochs: 1 } : { learn: 6000, train: 100, test: 1000, epochs: 10 };
const few = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The images with two classes instead of ten. */
function twoKinds(images: Dataset, isFirst: (label: number) => boolean): ImageDataset {
  const pixels = new Uint8Array(images.length * 3 * 32 * 32);
  const labels = new Int32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    pixels.set(images.image(i) as Uint8Array, i * 3 * 32 * 32);
    labels[i] = isFirst(images.label(i)) ? 0 : 1;
  }
  return new ImageDataset({ images: pixels, labels, shape: [3, 32, 32], classes: ['first kind', 'second kind'] });
}

// (1) A network that knows ten classes.
const tenTrain = isReal
  ? await cifar10({ split: 'train', dir: folder })
  : synthetic({ split: 'train', length: size.learn + size.train });
const tenTest = isReal
  ? await cifar10({ split: 'test', dir: folder })
  : synthetic({ split: 'test', length: size.test });
const imagenet: MeanStd = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const normalize = isReal ? imagenet : measureMeanStd(tenTrain);
const known = createModel('resnet20', { numClasses: 10 });
if (isReal) known.loadStateDict(await loadWeights(weights));
else await learn(known, subset(tenTrain, few(size.learn)), tiny ? 1 : 3, known, 0.1);

// (2) The new question, and few images to learn it from.
const machines = new Set(['airplane', 'automobile', 'ship', 'truck']);
const isFirst = (label: number): boolean => (isReal ? machines.has(CIFAR10_CLASSES[label]) : label < 5);
const last = tenTrain.length - size.train;
const train = twoKinds(
  subset(
    tenTrain,
    few(size.train).map((i) => last + i),
  ),
  isFirst,
);
const test = twoKinds(subset(tenTest, few(size.test)), isFirst);

// (3) A new head on frozen features, against the whole network from random weights.
const head = replaceHead(known, 2);
freeze(known); // all but the head, running statistics too
await learn(known, train, size.epochs, head, 0.05);
const tuned = await accuracyOf(known);

manualSeed(1);
const fresh = createModel('resnet20', { numClasses: 2 });
await learn(fresh, train, size.epochs, fresh, 0.05);
console.log(
  `${size.train} images: fine-tuned ${tuned}, from scratch ${await accuracyOf(fresh)}; guessing gives about 50 %`,
);

async function learn(
  model: Module,
  images: Dataset,
  epochs: number,
  trained: Module,
  learningRate: number,
): Promise<void> {
  const optimizer = new SGD(trained.parameters(), { learningRate, momentum: 0.9, weightDecay: 5e-4 });
  await fit(model, { train: new DataLoader(images, { batchSize: 20, shuffle: true, normalize }), optimizer, epochs });
}

async function accuracyOf(model: Module): Promise<string> {
  const { accuracy } = await evaluate(model, new DataLoader(test, { batchSize: 100, normalize }));
  return `${(100 * accuracy).toFixed(1)} %`;
}
