import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream } from '../src/base/random.js';
import { ImageClassifier, loadPreset } from '../src/classifier/index.js';
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
  type IntegratedGradients,
  integratedGradients,
  layerCam,
  randomizationTest,
} from '../src/explain/index.js';
import { methods } from '../src/explain/methods.js';
import { scope, Tensor } from '../src/index.js';
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
    method: { type: 'string' },
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
      timed(() => scope(() => void model.forward(x))),
      timed(() => scope(() => void model.predict(x))),
      timed(() => scope(() => void gradCam(model, x, { target: samples[0].label }))),
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
  // The same photographs by a network that knows CIFAR-10's classes, too: whatever it takes them for is explained.
  const small = await ImageClassifier.load('weights/cifar10-airbench93.safetensors');
  const smallInputs = await Promise.all(
    samples.map(async ({ file }) => {
      const [input] = await prepare(await readPhoto(join(folder, file)), small.settings.preprocessing, [{}]);
      return Tensor.from(input, [1, 3, ...small.settings.preprocessing.size]);
    }),
  );
  for (const rule of ['midpoint', 'adaptive'] as const) {
    const ours = samples.map(({ input, label }) =>
      integratedGradients(model, tensorOf(input), { target: label, rule }),
    );
    printErrors(`MobileNet, ${rule}`, ours);
    printErrors(
      `CIFAR-10, ${rule}`,
      smallInputs.map((x) => integratedGradients(small.model, x, { rule })),
    );
  }
}

function printErrors(name: string, results: readonly IntegratedGradients[]): void {
  for (const key of ['uncorrectedError', 'error'] as const) {
    const errors = results.map((each) => each[key][0]).sort((x, y) => x - y);
    const within = errors.filter((each) => each <= 0.01).length;
    console.log(
      `integrated gradients, 64 steps, ${name}, ${key}: median ${(100 * median(errors)).toFixed(4)} %, largest ${(100 * (errors.at(-1) ?? 0)).toFixed(4)} %, ${within} of ${errors.length} within 1 %`,
    );
  }
}

if (only.includes('random')) {
  // Methods that take long get fewer photographs and fewer random layers; of CAMs whose maps end at 0, the signed map is tested too.
  const signed = {
    'grad-cam-signed': (x: Tensor, target: number[]) => gradCam(model, x, { target, signed: true }),
    'hires-cam-signed': (x: Tensor, target: number[]) => hiResCam(model, x, { target, signed: true }),
  };
  const plain = Object.entries(methods).map(
    ([name, method]) => [name, (x: Tensor, target: number[]) => method(model, x, { target })] as const,
  );
  const effort: Record<string, number> = {
    'score-cam': 0.1,
    'integrated-gradients': 0.1,
    smoothgrad: 0.2,
    occlusion: 0.4,
  };
  for (const [name, method] of [...plain, ...Object.entries(signed)]) {
    if (values.method !== undefined && !values.method.split(',').includes(name)) continue;
    const share = effort[name] ?? 1;
    const some = samples.slice(0, Math.max(3, Math.round(count * share)));
    const draws = share < 0.2 ? 2 : share < 1 ? 3 : 10;
    const results = some.map(({ input, label }, i) => {
      const x = tensorOf(input);
      return randomizationTest(model, () => method(x, [label]), { draws, seed: `layer ${i}` });
    });
    const text = (key: 'signed' | 'absolute'): string => {
      const list = results.map((each) => each[key]);
      return `${mean(list).toFixed(2)} (${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)})`;
    };
    console.log(
      `last layer random, ${name}: ${some.length} photographs x ${draws} layers, rank correlation signed ${text('signed')}, deviation ${mean(results.map((each) => each.deviation)).toFixed(2)}; absolute ${text('absolute')}`,
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
