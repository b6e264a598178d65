import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream } from '../src/base/random.js';
import { type ImageClassifier, loadPreset } from '../src/classifier/index.js';
import { readPhoto } from '../src/classifier/photo.js';
import { prepare } from '../src/classifier/prepare.js';
import {
  deletionInsertion,
  explain,
  gradCam,
  gradCamPlusPlus,
  type Heatmap,
  heatmaps,
  hiResCam,
  integratedGradients,
  layerCam,
  rankCorrelation,
} from '../src/explain/index.js';
import { methods } from '../src/explain/methods.js';
import { Tensor } from '../src/index.js';
import { headOf } from '../src/layers/head.js';
import { printHeader } from './support.js';

// How good are explanations? MobileNet v1 0.75 on photographs of ImageNet's classes.
//
// npx tsx benchmarks/explainPhotos.ts --photos 20 --out /tmp/explained
//
// Prints the cost of Grad-CAM, completeness of integrated gradients, the randomization test, deletion and insertion against a random map, and the pointing game.

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '20' },
    slow: { type: 'string', default: '4' },
    only: { type: 'string', default: 'cost,pointing,complete,random,curves,draw' },
    skip: { type: 'string', default: '' },
    shared: { type: 'string', default: '../shared' },
    out: { type: 'string' },
  },
});
const [count, slow] = [Number(values.photos), Number(values.slow)];
const only = values.only.split(',');
const SIZE = 224;
const shared = (path: string): string => resolve(values.shared, path);

printHeader('explanations');
const classifier: ImageClassifier = await loadPreset(
  'tfjs/mobilenet_v1_0.75_224',
  shared('weights/mobilenet_v1_0.75_224/model.json'),
);
const { model, settings } = classifier;
const folder = shared('data/imagenet-samples');
const names = readFileSync(join(folder, 'classes.txt'), 'utf8').trim().split('\n');
const all = readdirSync(folder).filter((name) => name.endsWith('.JPEG'));

interface Sample {
  file: string;
  input: Float32Array;
  label: number;
}

/** Photographs that the network gets right, since there is nothing to explain about the others. */
const samples: Sample[] = [];
for (const file of all) {
  if (samples.length >= 2 * count) break;
  const [input] = await prepare(await readPhoto(join(folder, file)), settings.preprocessing, [{}]);
  const logits = model.predict(Tensor.from(input, [1, 3, SIZE, SIZE]));
  const label = logits.data.indexOf(Math.max(...logits.data));
  const word = file.slice(10, -5).replaceAll('_', ' ').toLowerCase();
  if ((names[label] ?? '').toLowerCase().includes(word)) samples.push({ file, input, label });
}
console.log(`${samples.length} photographs that the network classifies as their file names say`);
const tensorOf = (...inputs: Float32Array[]): Tensor => {
  const x = Tensor.zeros([inputs.length, 3, SIZE, SIZE]);
  for (const [i, input] of inputs.entries()) x.data.set(input, i * input.length);
  return x;
};
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1];
const timed = (fn: () => unknown): number => {
  const before = performance.now();
  fn();
  return performance.now() - before;
};

if (only.includes('cost')) {
  const x = tensorOf(samples[0].input);
  const [forward, predict, cam]: number[][] = [[], [], []];
  for (let i = 0; i < 12; i++) {
    const round = [
      timed(() => model.forward(x)),
      timed(() => model.predict(x)),
      timed(() => gradCam(model, x, { target: samples[0].label })),
    ];
    if (i < 2) continue;
    for (const [k, list] of [forward, predict, cam].entries()) list.push(round[k]);
  }
  console.log(
    `Grad-CAM: median ${median(cam).toFixed(0)} ms, ${(median(cam) / median(forward)).toFixed(2)} of forward (${median(forward).toFixed(0)} ms), ${(median(cam) / median(predict)).toFixed(2)} of predict (${median(predict).toFixed(0)} ms); minima ${Math.min(...cam).toFixed(0)}, ${Math.min(...forward).toFixed(0)}, ${Math.min(...predict).toFixed(0)}`,
  );
}

if (only.includes('pointing')) {
  // Two photographs side by side, each the middle half of its width; the class of one of them is explained.
  const hits: Record<string, number> = {};
  let tried = 0;
  for (let i = 0; i + 1 < samples.length && tried < 2 * count; i += 2) {
    const pair = [samples[i], samples[i + 1]];
    const collage = new Float32Array(3 * SIZE * SIZE);
    for (let row = 0; row < 3 * SIZE; row++) {
      for (const [half, { input }] of pair.entries()) {
        const from = row * SIZE + SIZE / 4;
        collage.set(input.subarray(from, from + SIZE / 2), row * SIZE + (half * SIZE) / 2);
      }
    }
    const x = tensorOf(collage);
    for (const [half, { label }] of pair.entries()) {
      tried++;
      for (const [name, method] of Object.entries({ gradCam, gradCamPlusPlus, hiResCam, layerCam })) {
        const [map] = heatmaps(method(model, x, { target: label }), { height: SIZE, width: SIZE });
        const at = map.data.indexOf(Math.max(...map.data)) % SIZE;
        hits[name] = (hits[name] ?? 0) + ((at >= SIZE / 2 ? 1 : 0) === half ? 1 : 0);
      }
    }
  }
  for (const [name, found] of Object.entries(hits))
    console.log(`pointing game, ${name}: ${found} of ${tried}, ${((100 * found) / tried).toFixed(1)} %`);
}

if (only.includes('complete')) {
  const errors = samples.slice(0, slow).flatMap(({ input, label }) => {
    return integratedGradients(model, tensorOf(input), { target: label, steps: 64 }).error;
  });
  console.log(
    `integrated gradients, 64 steps: error ${errors.map((e) => `${(100 * e).toFixed(2)} %`).join(', ')}; largest ${(100 * Math.max(...errors)).toFixed(2)} %`,
  );
}

if (only.includes('random')) {
  const some = samples.slice(0, Math.min(3, slow));
  const tested = (Object.keys(methods) as (keyof typeof methods)[]).filter(
    (name) => !values.skip.split(',').includes(name),
  );
  const mapsOf = (): Record<string, Heatmap[]> =>
    Object.fromEntries(
      tested.map((name) => [
        name,
        some.map(({ input, label }) => {
          const x = tensorOf(input);
          const target = [label];
          // Signed maps, as far as a method has them: cut off at 0, half of the pixels would be ties.
          const values =
            name === 'grad-cam'
              ? gradCam(model, x, { target, signed: true })
              : name === 'hires-cam'
                ? hiResCam(model, x, { target, signed: true })
                : methods[name](model, x, { target });
          return heatmaps(values, { height: SIZE, width: SIZE })[0];
        }),
      ]),
    );
  const before = mapsOf();
  const [, head] = headOf(model, 'randomization');
  const weights = Float32Array.from(head.weight.data);
  const deviation = Math.sqrt(mean([...weights].map((w) => w * w)));
  const random = new RandomStream('randomized');
  head.weight.data.set(weights.map(() => deviation * random.normal()));
  const after = mapsOf();
  head.weight.data.set(weights);
  for (const name of tested) {
    const found = some.map((_, i) => rankCorrelation(before[name][i].data, after[name][i].data));
    console.log(
      `last layer random, ${name}: rank correlation ${mean(found).toFixed(3)} (${found.map((r) => r.toFixed(2)).join(', ')})`,
    );
  }
}

if (only.includes('curves')) {
  const random = new RandomStream('map');
  const noise = (): Heatmap => ({
    width: SIZE,
    height: SIZE,
    data: Float32Array.from({ length: SIZE * SIZE }, () => random.uniform()),
  });
  const found: Record<string, { deletion: number[]; insertion: number[] }> = {};
  for (const { input, label } of samples.slice(0, slow)) {
    const x = tensorOf(input);
    const maps: Record<string, Heatmap> = { random: noise() };
    for (const name of ['grad-cam', 'hires-cam', 'layer-cam', 'occlusion'] as const) {
      [maps[name]] = heatmaps(methods[name](model, x, { target: [label] }), { height: SIZE, width: SIZE });
    }
    for (const [name, map] of Object.entries(maps)) {
      const { deletion, insertion } = deletionInsertion(model, x, label, map, { steps: 16 });
      found[name] ??= { deletion: [], insertion: [] };
      found[name].deletion.push(deletion);
      found[name].insertion.push(insertion);
    }
  }
  const base = { deletion: mean(found.random.deletion), insertion: mean(found.random.insertion) };
  for (const [name, { deletion, insertion }] of Object.entries(found)) {
    const [d, i] = [mean(deletion), mean(insertion)];
    console.log(
      `${name}: deletion ${d.toFixed(3)} (${(100 * (1 - d / base.deletion)).toFixed(0)} % below random), insertion ${i.toFixed(3)} (${(100 * (i / base.insertion - 1)).toFixed(0)} % above random)`,
    );
  }
}

if (only.includes('draw') && values.out !== undefined) {
  mkdirSync(values.out, { recursive: true });
  for (const name of Object.keys(methods) as (keyof typeof methods)[]) {
    if (name === 'score-cam') continue;
    const { overlay } = await explain(classifier, join(folder, samples[2].file), { method: name });
    writeFileSync(join(values.out, `${name}.png`), await overlay());
  }
}
process.exit(0);
