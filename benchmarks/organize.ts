// Do 20 corrections raise the F1 of a label by 10 points, in less than a second each time?
//
// npx tsx benchmarks/organize.ts [FOLDER MODEL]: photographs of ants and bees (a folder per class in FOLDER/train and FOLDER/val), and an ImageNet
// network. The tags 'ant' and 'bee' are measured on photographs that are not corrected.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPreset } from '../src/classifier/index.js';
import { organize } from '../src/organize/index.js';

const CORRECTIONS = 20;
const shared = fileURLToPath(new URL('../../shared/', import.meta.url));
const [folder = `${shared}data/hymenoptera`, model = `${shared}weights/mobilenet_v1_0.75_224/model.json`] =
  process.argv.slice(2);
if (existsSync(folder)) await main();
else console.log(`${folder} is not there: name FOLDER and MODEL.`);

async function main(): Promise<void> {
  const classifier = await loadPreset('tfjs/mobilenet_v1_0.75_224', model);
  const photos = ['train', 'val'].flatMap((part) =>
    ['ants', 'bees'].flatMap((kind) =>
      readdirSync(join(folder, part, kind)).map((name) => ({
        path: join(folder, part, kind, name),
        label: kind.slice(0, -1),
      })),
    ),
  );
  // What photographs look like is computed once.
  const memory = mkdtempSync(join(tmpdir(), 'stridenet-organize-'));
  for (const label of ['bee', 'ant']) {
    for (const precision of [0.7, 0.9, 0.95]) {
      rmSync(join(memory, 'corrections.json'), { force: true });
      const organized = await organize(
        photos.map(({ path }) => path),
        { classifier, precision, memory },
      );
      const truth = new Map(photos.map((photo) => [photo.path, photo.label]));
      const isRight = (n: number): boolean => organized.photos[n].tags[0]?.name === truth.get(organized.photos[n].path);
      const wrong = [...organized.photos.keys()].filter(
        (n) => truth.get(organized.photos[n].path) === label && !isRight(n),
      );
      // Evenly from all mistakes.
      const chosen = Array.from({ length: CORRECTIONS }, (_, i) => wrong[Math.floor((i * wrong.length) / CORRECTIONS)]);
      const rest = [...organized.photos.keys()].filter((n) => !chosen.includes(n));
      const f1 = (): number => {
        const found = rest.filter((n) => organized.photos[n].tags.some(({ name }) => name === label));
        const there = rest.filter((n) => truth.get(organized.photos[n].path) === label);
        return (2 * found.filter((n) => there.includes(n)).length) / (found.length + there.length);
      };
      const before = f1();
      const begun = performance.now();
      await organized.correct(chosen.map((n) => ({ path: organized.photos[n].path, label })));
      const seconds = (performance.now() - begun) / 1000;
      console.log(
        `${label}, precision ${precision.toFixed(2)}: ${wrong.length} of ${photos.filter((each) => each.label === label).length} missed; F1 on the others ${before.toFixed(3)} -> ${f1().toFixed(3)} after ${CORRECTIONS} corrections in ${seconds.toFixed(2)} s`,
      );
    }
  }
  rmSync(memory, { recursive: true });
}
