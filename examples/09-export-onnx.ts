// A network leaves for other programs and comes back: npx tsx examples/09-export-onnx.ts [WEIGHTS CIFAR-10-folder]
//
// WEIGHTS is any file that `loadWeights` reads with the weights of a CIFAR ResNet-20. Without arguments a small network learns
// synthetic images for some seconds. The ONNX file stays in runs/, for whatever reads ONNX.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import {
  argmax,
  createModel,
  DataLoader,
  fit,
  type MeanStd,
  type Module,
  measureMeanStd,
  SGD,
  subset,
  synthetic,
  Tensor,
} from 'stridenet';
import { cifar10, loadWeights } from 'stridenet/node';
import { exportOnnx, importOnnx } from 'stridenet/onnx';
import { tiny } from './support/tiny.js';

const [weights, folder] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const isReal = weights !== undefined && folder !== undefined;
const train = synthetic({ split: 'train', length: tiny ? 200 : 4000 });
const imagenet: MeanStd = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const normalize = isReal ? imagenet : measureMeanStd(train);
const model = createModel(isReal ? 'resnet20' : 'cifar_net');
if (isReal) model.loadStateDict(await loadWeights(weights));
else await learn(model);

// (1) Out: the operations that the model runs for one image, and its weights; the file takes any number of images.
const file = 'runs/classifier.onnx';
mkdirSync('runs', { recursive: true });
writeFileSync(file, exportOnnx(model, [1, 3, 32, 32]));

// (2) The same images through this library, through onnxruntime, and through the file read back.
const session = await InferenceSession.create(file);
const again = importOnnx(readFileSync(file));
const images = isReal
  ? subset(await cifar10({ split: 'test', dir: folder }), [0, 1, 2, 3])
  : synthetic({ split: 'test', length: 4 });
for (const { x, labels } of new DataLoader(images, { batchSize: 4, normalize })) {
  const here = model.predict(x);
  const results = await session.run({ input: new OrtTensor('float32', Float32Array.from(x.data), x.shape) });
  const there = Tensor.from(results.output.data as Float32Array, here.shape);
  const readBack = again.predict(x);

  // (3) What each says, and how far apart they are.
  const [ours, theirs] = [argmax(here), argmax(there)];
  for (const [i, label] of labels.entries()) {
    const [truth, first, second] = [label, ours[i], theirs[i]].map((k) => images.classes[k]);
    console.log(`${truth}: stridenet says ${first}, onnxruntime says ${second}`);
  }
  const largest = (other: Tensor): string =>
    here.data.reduce((most, logit, i) => Math.max(most, Math.abs(logit - other.data[i])), 0).toExponential(1);
  console.log(`largest difference of a logit: ${largest(there)} in onnxruntime, ${largest(readBack)} read back`);
}
console.log(`${file}: open it in any program that reads ONNX`);

async function learn(network: Module): Promise<void> {
  const optimizer = new SGD(network.parameters(), { learningRate: 0.01, momentum: 0.9 });
  const loader = new DataLoader(train, { batchSize: 20, shuffle: true, normalize });
  await fit(network, { train: loader, optimizer, epochs: tiny ? 1 : 4 });
}
