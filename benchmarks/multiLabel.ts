import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { scoresText } from '../cli/classify/scores.js';
import { RandomStream } from '../src/base/random.js';
import { runTraining, trainingReport } from '../src/classifier/index.js';
import { readPhoto } from '../src/classifier/photo.js';
import { encodePng, resizeImage } from '../src/images/index.js';

// How good is a classifier of several labels? Collages of two photographs, of ants, bees and other things, some of them gray.
//
// npx tsx benchmarks/multiLabel.ts --train 300 --test 120 [--out report.html]
//
// The photographs of the test collages are those of 'val', which no training collage has; other things come from ImageNet's samples, divided in the same way.
const { values } = parseArgs({
  options: {
    train: { type: 'string', default: '300' },
    test: { type: 'string', default: '120' },
    shared: { type: 'string', default: '../shared' },
    out: { type: 'string' },
  },
});
const shared = (path: string): string => resolve(values.shared, path);
const HALF = 224;

const filesIn = (folder: string, isPart: (i: number) => boolean = () => true): string[] =>
  readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .filter((name, i) => isPart(i) && !/_(ant|bee)\.JPEG$/.test(name))
    .map((name) => join(folder, name));

const folder = mkdtempSync(join(tmpdir(), 'multi-label-'));
const rows = ['file,labels,split'];
for (const [split, part, count] of [
  ['train', 'train', Number(values.train)],
  ['test', 'val', Number(values.test)],
] as const) {
  const random = new RandomStream(`collages ${split}`);
  const things = {
    ant: filesIn(shared(`data/hymenoptera/${part}/ants`)),
    bee: filesIn(shared(`data/hymenoptera/${part}/bees`)),
    other: filesIn(shared('data/imagenet-samples'), (i) => (i % 3 === 0) === (split === 'test')),
  };
  for (let i = 0; i < count; i++) {
    const kinds = [0, 1].map(() => (['ant', 'bee', 'other'] as const)[Math.floor(3 * random.uniform())]);
    const isGray = random.uniform() < 0.25;
    const collage = new Uint8Array(2 * HALF * HALF * 3);
    for (const [side, kind] of kinds.entries()) {
      const photo = await readPhoto(things[kind][Math.floor(things[kind].length * random.uniform())]);
      const { data } = await resizeImage(photo, { width: HALF, height: HALF, mode: 'crop' });
      for (let p = 0; p < HALF * HALF; p++) {
        const [r, g, b] = data.subarray(3 * p, 3 * p + 3);
        const at = 3 * (Math.floor(p / HALF) * 2 * HALF + side * HALF + (p % HALF));
        collage.set(isGray ? new Array<number>(3).fill(Math.round(0.3 * r + 0.59 * g + 0.11 * b)) : [r, g, b], at);
      }
    }
    const labels = [...new Set([...kinds.filter((kind) => kind !== 'other'), ...(isGray ? ['gray'] : [])])];
    const name = `${split}-${i}.png`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), encodePng({ width: 2 * HALF, height: HALF, data: collage }));
    rows.push(`${name},${labels.join(';')},${split}`);
  }
}
writeFileSync(join(folder, 'labels.csv'), rows.join('\n'));
const backbone = shared('weights/mobilenet_v1_0.75_224/model.json');
const preprocessing = { size: 224, fit: 'stretch', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const result = await runTraining(folder, { backbone, preprocessing });
for (const found of [result.heldOut, result.test]) {
  if (found !== null) console.log(`${found.name}: ${scoresText(found)}\n`);
}
console.log(
  `thresholds ${result.classifier.settings.thresholds?.map((t) => t.toFixed(2)).join(', ')}; ${result.seconds.toFixed(0)} s`,
);
if (values.out !== undefined)
  writeFileSync(values.out, await trainingReport(result, 'Collages of ants, bees and other things'));
rmSync(folder, { recursive: true });
process.exit(0);
