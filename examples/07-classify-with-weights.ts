// A network with weights from a file names images: npx tsx examples/07-classify-with-weights.ts [WEIGHTS] [CIFAR-10 folder]
//
// WEIGHTS is a PyTorch checkpoint of akamaster's ResNet-20 (resnet20-12fca82f.th) or any file that `loadWeights` reads. Without
// arguments the example trains a small network on synthetic images for some seconds and saves its weights first.
import { mkdirSync } from 'node:fs';
import {
  createModel,
  DataLoader,
  type Dataset,
  fit,
  type MeanStd,
  measureMeanStd,
  SGD,
  softmax,
  subset,
  synthetic,
} from 'stridenet';
import { CIFAR10_CLASSES } from 'stridenet/data';
import { cifar10, loadWeights, saveWeights } from 'stridenet/node';
import { tiny } from './support/tiny.js';

const [given, folder] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const name = given === undefined ? 'cifar_net' : 'resnet20';
const file = given ?? 'runs/synthetic-weights.safetensors';
if (given === undefined) await trainAndSave(file);

// (1) The weights, under the names that PyTorch gave them, into the network of the paper.
const model = createModel(name);
model.loadStateDict(await loadWeights(file));

// (2) Images as the network was trained on them.
const images: Dataset =
  folder === undefined
    ? synthetic({ split: 'test', length: 8 })
    : subset(await cifar10({ split: 'test', dir: folder }), [0, 1, 2, 3, 4, 5, 6, 7]);
const imagenet: MeanStd = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const normalize = given === undefined ? measureMeanStd(synthetic({ split: 'train', length: 500 })) : imagenet;

// (3) Logits, probabilities, the three likeliest classes.
for (const { x, labels } of new DataLoader(images, { batchSize: 1, normalize })) {
  const probabilities = [...softmax(model.predict(x)).data];
  const best = probabilities.map((p, k) => ({ p, k })).sort((a, b) => b.p - a.p);
  const names = given === undefined ? images.classes : CIFAR10_CLASSES;
  const shown = best.slice(0, 3).map(({ p, k }) => `${names[k]} ${(100 * p).toFixed(1)} %`);
  console.log(`${names[labels[0]].padEnd(10)} looks like ${shown.join(', ')}`);
}

async function trainAndSave(path: string): Promise<void> {
  const train = synthetic({ split: 'train', length: tiny ? 200 : 4000 });
  const small = createModel('cifar_net');
  const optimizer = new SGD(small.parameters(), { learningRate: 0.01, momentum: 0.9 });
  const loader = new DataLoader(train, {
    batchSize: 20,
    shuffle: true,
    normalize: measureMeanStd(synthetic({ split: 'train', length: 500 })),
  });
  await fit(small, { train: loader, optimizer, epochs: tiny ? 1 : 4 });
  mkdirSync('runs', { recursive: true });
  await saveWeights(path, small);
  console.log(`trained for a moment; weights saved in ${path}`);
}
