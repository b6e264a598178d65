import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPreset } from '../src/classifier/index.js';
import { readPhoto } from '../src/classifier/photo.js';
import { viewSets } from '../src/classifier/photoViews.js';
import { prepare } from '../src/classifier/prepare.js';
import { type QuantizeOptions, quantize } from '../src/edge/index.js';
import { createModel, DataLoader, Tensor, useKernels } from '../src/index.js';
import { readTorchCheckpoint, stateDictFromCheckpoint } from '../src/io/index.js';
import type { Module } from '../src/layers/index.js';
import { cifar10 } from '../src/node/index.js';

/*
 * What 8-bit integers cost: ResNet-20 on the 10,000 test images of CIFAR-10, calibrated on 500 training images, and MobileNet v1 0.75 on 125
 * photographs of ImageNet's classes, calibrated on photographs of ants and bees. Skips what is not in ../shared.
 *
 * npm run bench -- quantizedAccuracy, or `npx tsx benchmarks/quantizedAccuracy.ts mobilenet`; ONLY=tensor takes rows with this word
 */
const shared = fileURLToPath(new URL('../../shared/', import.meta.url));

type Settings = Partial<QuantizeOptions>;

const settings: readonly [string, Settings][] = [
  ['weights 8, activations 8, per channel', {}],
  ['the same, entropy', { ranges: 'entropy' }],
  ['the same, mse', { ranges: 'mse' }],
  ['the same, percentile 99.99', { ranges: 'percentile' }],
  ['weights 8, activations 7, per channel', { activationBits: 7 }],
  ['weights 7, activations 7, per channel', { weightBits: 7, activationBits: 7 }],
  ['the same, mse', { weightBits: 7, activationBits: 7, ranges: 'mse' }],
  ['weights 8, activations 8, per tensor', { perChannel: false }],
  ['per tensor, bias correction', { perChannel: false, biasCorrection: true }],
  ['per tensor, equalization', { perChannel: false, equalize: true }],
  ['per tensor, both', { perChannel: false, equalize: true, biasCorrection: true }],
  ['per tensor, both, percentile', { perChannel: false, equalize: true, biasCorrection: true, ranges: 'percentile' }],
  ['per tensor, both, mse', { perChannel: false, equalize: true, biasCorrection: true, ranges: 'mse' }],
];

async function table(
  name: string,
  model: Module,
  options: QuantizeOptions,
  of: readonly [string, Settings][],
): Promise<void> {
  console.log(`\n${name}\n`);
  console.log('| what | top-1 float32 | top-1 integers | top-5 integers | same answer | kB |');
  console.log('|---|---|---|---|---|---|');
  for (const [what, changes] of of.filter(([title]) => title.includes(process.env.ONLY ?? ''))) {
    const quantized = await quantize(model, { ...options, ...changes, maxDrop: 1, maxImages: 10_000 });
    const { top1, top5, agreement, images } = quantized.report?.numbers ?? { images: 0 };
    const right = (share: number | undefined): string => `${Math.round((share ?? 0) * images)} of ${images}`;
    const kB = (quantized.save().length / 1000).toFixed(1);
    const same = `${(100 * (agreement ?? 0)).toFixed(2)} %`;
    console.log(
      `| ${what} | ${right(top1?.before)} | ${right(top1?.after)} | ${right(top5?.after)} | ${same} | ${kB} |`,
    );
    quantized.release();
  }
}

async function resnet20(): Promise<void> {
  const [weights, dir] = [`${shared}weights/resnet20-cifar10/resnet20-12fca82f.th`, `${shared}data/cifar10`];
  if (!existsSync(weights) || !existsSync(dir)) return console.log('ResNet-20: no weights or images in ../shared.');
  const model = createModel('resnet20').eval();
  model.loadStateDict(stateDictFromCheckpoint(readTorchCheckpoint(readFileSync(weights))));
  const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const load = async (split: 'train' | 'test', most: number): Promise<{ x: Tensor; labels: Int32Array }[]> => {
    const batches: { x: Tensor; labels: Int32Array }[] = [];
    const data = await cifar10({ split, dir, download: false });
    for (const { x, labels } of new DataLoader(data, { batchSize: 500, normalize })) {
      if (batches.length * 500 >= most) break;
      batches.push({ x: Tensor.from(Float32Array.from(x.data), x.shape), labels: Int32Array.from(labels) });
    }
    return batches;
  };
  const calibration = await load('train', 500);
  const validation = await load('test', 10_000);
  await table('ResNet-20, CIFAR-10', model, { inputShape: [1, 3, 32, 32], calibration, validation }, settings);
}

async function mobilenet(): Promise<void> {
  const [file, folder] = [`${shared}weights/mobilenet_v1_0.75_224/model.json`, `${shared}data/imagenet-samples`];
  const others = `${shared}data/hymenoptera`;
  if (![file, folder, others].every(existsSync))
    return console.log('MobileNet: no weights or photographs in ../shared.');
  const classifier = await loadPreset('tfjs/mobilenet_v1_0.75_224', file);
  const lines = readFileSync(join(folder, 'classes.txt'), 'utf8').trim().split('\n');
  const classOf = new Map(lines.map((line) => line.split(' ')).map(([index, wnid]) => [wnid, Number(index)]));
  const read = async (path: string): Promise<Tensor> => {
    const [view] = await prepare(await readPhoto(path), classifier.settings.preprocessing, viewSets.center);
    return Tensor.from(view as Float32Array, [1, 3, 224, 224]);
  };
  const photosOf = (of: string): string[] =>
    readdirSync(of, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.jpe?g$/i.test(name))
      .sort();
  const validation = [];
  for (const name of photosOf(folder)) {
    const labels = Int32Array.of(classOf.get(name.slice(0, 9)) as number);
    validation.push({ x: await read(join(folder, name)), labels });
  }
  const calibration = [];
  for (const name of photosOf(others).filter((_, i) => i % 4 === 0)) calibration.push(await read(join(others, name)));
  const options = { inputShape: [1, 3, 224, 224], calibration, validation };
  await table(
    `MobileNet v1 0.75, calibrated on ${calibration.length} photographs`,
    classifier.model,
    options,
    settings,
  );
}

await useKernels('simd', { threads: 1 });
const wanted = process.argv[2];
if (wanted !== 'mobilenet') await resnet20();
if (wanted !== 'resnet20') await mobilenet();
