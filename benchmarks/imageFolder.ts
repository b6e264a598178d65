import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createModel, DataLoader, fit, manualSeed, SGD } from '../src/index.js';
import { imageFolder } from '../src/node/index.js';
import { drawnPhoto } from '../testing/photoFolder.js';
import { printHeader } from './support.js';

// Does training wait for photographs? ResNet-18 at 224 on a folder of 20,000 of them, with random parts and flips.
//
// npx tsx benchmarks/imageFolder.ts --steps 6
//
// Prints the share of each step in which the training thread waits for its batch. Photographs are hard links to --photos, or drawn ones.

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '6' },
    batch: { type: 'string', default: '16' },
    images: { type: 'string', default: '20000' },
    photos: { type: 'string', default: '../shared/data/hymenoptera' },
  },
});
const [steps, batchSize, images] = [values.steps, values.batch, values.images].map(Number);
const dir = mkdtempSync(join(tmpdir(), 'stridenet-folder-'));

/** Photographs that links are made to. */
async function originals(): Promise<string[]> {
  const source = resolve(values.photos);
  if (existsSync(source)) return [...imageFolder(source).paths];
  return Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const path = join(dir, `.${i}.png`);
      writeFileSync(path, await drawnPhoto(i, 500, 375));
      return path;
    }),
  );
}

try {
  printHeader('ResNet-18 at 224 on a folder of photographs');
  const files = await originals();
  for (const name of ['ants', 'bees']) mkdirSync(join(dir, name));
  for (let i = 0; i < images; i++) {
    const file = files[i % files.length];
    const link = join(dir, i % 2 === 0 ? 'ants' : 'bees', `${i}${file.slice(file.lastIndexOf('.'))}`);
    linkOrCopy(file, link);
  }
  const scanned = performance.now();
  const data = imageFolder(dir, { augment: true });
  console.log(`${data.length} photographs found in ${((performance.now() - scanned) / 1000).toFixed(2)} s`);
  manualSeed(1);
  const model = createModel('resnet18', { numClasses: 2 });
  const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
  const loader = new DataLoader(data, { batchSize, shuffle: true });
  const waits: number[] = [];
  /** The loader, with a watch on how long each batch is waited for. */
  const watched = {
    length: loader.length,
    *[Symbol.iterator]() {
      const batches = loader[Symbol.iterator]();
      try {
        for (;;) {
          const asked = performance.now();
          const { done, value } = batches.next();
          waits.push(performance.now() - asked);
          if (done) return;
          yield value;
        }
      } finally {
        batches.return();
      }
    },
  };
  const stepTimes: number[] = [];
  let last = performance.now();
  const onStep = (run: { step: number; stop(): void }): void => {
    stepTimes.push(performance.now() - last);
    last = performance.now();
    if (run.step === steps) run.stop();
  };
  await fit(model, { train: watched, optimizer, epochs: 1, callbacks: [{ onStep }] });
  // The first step compiles kernels and starts threads.
  const shares = waits.slice(1, steps).map((wait, i) => wait / stepTimes[i + 1]);
  const median = [...shares].sort((a, b) => a - b)[Math.floor(shares.length / 2)];
  const seconds = [...stepTimes.slice(1)].sort((a, b) => a - b)[Math.floor((steps - 1) / 2)] / 1000;
  console.log(
    `batch ${batchSize}: step ${seconds.toFixed(2)} s (median), of which waiting ${(100 * median).toFixed(1)} %`,
  );
  console.log(
    `waits: ${waits
      .slice(0, steps)
      .map((ms) => `${ms.toFixed(0)} ms`)
      .join(', ')}`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Another disk takes symbolic links alone. */
function linkOrCopy(file: string, link: string): void {
  try {
    linkSync(file, link);
  } catch {
    symlinkSync(file, link);
  }
}
