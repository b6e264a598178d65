import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { ArgumentError, DataError, ShapeError, StridenetError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { type Dataset, ImageDataset } from '../../src/data/dataset.js';
import { type Batch, DataLoader } from '../../src/data/loader.js';
import type { DataLoaderOptions } from '../../src/data/loaderOptions.js';
import {
  alternatingFlip,
  colorJitter,
  compose,
  randAugment,
  randomAffine,
  type Transform,
  translate,
} from '../../src/data/transforms/index.js';
import { workerSource } from '../../src/data/workers/source.js';
import { DataThread } from '../../src/data/workers/thread.js';
import { dataThreads, loadThreadProgram } from '../../src/data/workers/threads.js';
import { dataWorkerSource } from '../../tools/dataWorker.js';

const root = resolve(import.meta.dirname, '../..');

/** Color images of 8 x 8 whose pixels a hash draws. */
const data = new ImageDataset({
  images: Uint8Array.from({ length: 53 * 192 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24),
  labels: Int32Array.from({ length: 53 }, (_, i) => i % 3),
  shape: [3, 8, 8],
  classes: ['a', 'b', 'c'],
});

/** As long as a busy machine may need. */
const patiently = { timeout: 30_000 };

const options: DataLoaderOptions = {
  batchSize: 8,
  shuffle: true,
  transform: compose(
    alternatingFlip(),
    translate(2),
    randomAffine({ degrees: 20 }),
    randAugment(),
    colorJitter({ hue: 0.1 }),
  ),
  normalize: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] },
  seed: 7,
};

const modes = ['for', 'for await'] as const;

const copy = ({ x, labels, indices }: Batch): string =>
  JSON.stringify([[...indices], [...labels], x.shape]) + Buffer.from(x.data.slice().buffer).toString('base64');

async function collect(loader: DataLoader, mode: (typeof modes)[number]): Promise<string[]> {
  const batches: string[] = [];
  if (mode === 'for') for (const batch of loader) batches.push(copy(batch));
  else for await (const batch of loader) batches.push(copy(batch));
  return batches;
}

beforeAll(loadThreadProgram);

test('the program of the workers is made of the sources as they are (else: npm run data-worker)', async () => {
  const made = readFileSync(resolve(root, 'src/data/workers/source.ts'), 'utf8');
  expect((await dataWorkerSource()) === made).toBe(true);
});

test.each(modes)('any number of workers and any prefetch deal out the same bytes in a %s loop', async (mode) => {
  const plain = new DataLoader(data, options);
  const expected = [await collect(plain, 'for'), await collect(plain, 'for')];
  for (const [workers, prefetch] of [[1], [2], [3], [2, 0], [1, 1], [2, 100]]) {
    const loader = new DataLoader(data, { ...options, workers, prefetch });
    const dealt = [await collect(loader, mode), await collect(loader, mode)];
    expect(dealt.map((epoch) => epoch.map((batch, k) => batch === expected[0][k] || batch === expected[1][k]))).toEqual(
      [Array(7).fill(true), Array(7).fill(true)],
    );
    expect(dealt[0].join() === expected[0].join() && dealt[1].join() === expected[1].join()).toBe(true);
  }
});

test('a loader restored in the middle of an epoch goes on with the same bytes', async () => {
  manualSeed(1);
  const loader = new DataLoader(data, { ...options, workers: 2 });
  const expected = await collect(loader, 'for');
  const begun = new DataLoader(data, { ...options, workers: 2 });
  let state: ReturnType<DataLoader['state']> | undefined;
  for (const _ of begun) if ((state = begun.state()).batch === 3) break;
  const rest = new DataLoader(data, { ...options, workers: 2 });
  rest.restore(JSON.parse(JSON.stringify(state)));
  expect((await collect(rest, 'for await')).join() === expected.slice(3).join()).toBe(true);
});

test('data sets of floats, and of bytes and floats', async () => {
  for (const floats of [(): boolean => true, (i: number): boolean => i % 3 === 1]) {
    const mixed: Dataset = {
      length: data.length,
      shape: data.shape,
      classes: data.classes,
      image: (i) => (floats(i) ? Float32Array.from(data.image(i), (v) => v / 300) : data.image(i)),
      label: (i) => data.label(i),
    };
    const expected = await collect(new DataLoader(mixed, options), 'for');
    expect((await collect(new DataLoader(mixed, { ...options, workers: 1 }), 'for')).join() === expected.join()).toBe(
      true,
    );
  }
});

test('batches are ready before they are asked for, and the main thread does not make them', async () => {
  const loader = new DataLoader(data, { ...options, workers: 1, prefetch: 2 });
  const read: number[] = [];
  const watched: Dataset = Object.assign(Object.create(data), { image: (i: number) => read.push(i) && data.image(i) });
  const ahead = new DataLoader(watched, { ...options, workers: 1, prefetch: 2 });
  const counts: number[] = [];
  for (const _ of ahead) counts.push(read.length);
  // Two batches of eight beyond the one at hand, and never twice.
  expect(counts).toEqual([24, 32, 40, 48, 53, 53, 53]);
  for (const _ of loader) {
    await vi.waitUntil(() => dataThreads(1)[0].pending === 0, patiently);
  }
});

test('what goes wrong in a worker is thrown where the batch is asked for, as the class that it is', async () => {
  const gray = new DataLoader(data, { ...options, normalize: { mean: [0.5], std: [0.5] }, workers: 1 });
  await expect(collect(gray, 'for')).rejects.toThrow(ShapeError);
  await expect(collect(gray, 'for await')).rejects.toThrow('the image has 3 channels, but mean and std have 1');
});

test('a data set that fails does so where it can be caught', async () => {
  const broken: Dataset = Object.assign(Object.create(data), {
    image: (i: number) => {
      if (i === 20) throw new DataError('image 20 is damaged');
      return data.image(i);
    },
  });
  for (const mode of modes) {
    let batches = 0;
    const run = async (): Promise<void> => {
      const loader = new DataLoader(broken, { batchSize: 8, workers: 1 });
      if (mode === 'for') for (const _ of loader) batches++;
      else for await (const _ of loader) batches++;
    };
    await expect(run()).rejects.toThrow('image 20 is damaged');
    expect(batches).toBe(2);
  }
});

test('a function of your own is refused with the way out', () => {
  const own: Transform = (image) => image;
  const make = (): unknown => new DataLoader(data, { batchSize: 4, workers: 2, transform: compose(translate(1), own) });
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow('is a function of your own, which cannot be sent to a worker thread. Pass { workers: 0 }');
  expect(() => new DataLoader(data, { batchSize: 4, workers: 1.5 })).toThrow('workers is 1.5');
});

test.each(modes)('a worker that dies is an error in a %s loop, and the next epoch starts another', async (mode) => {
  const loader = new DataLoader(data, { ...options, workers: 2 });
  const threads = dataThreads(2);
  const run = async (): Promise<void> => {
    let k = 0;
    if (mode === 'for await') {
      for await (const _ of loader) if (k++ === 1) for (const thread of threads) thread.kill();
      return;
    }
    for (const _ of loader) {
      if (k++ === 1) for (const thread of threads) thread.kill();
      // As fit does between steps.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await expect(run()).rejects.toThrow(/^DataLoader: a worker thread that prepares batches exited with code 1\. /);
  await vi.waitUntil(() => threads.every(({ lost }) => lost !== undefined), patiently);
  const fresh = await collect(new DataLoader(data, { ...options, workers: 2 }), mode);
  expect(fresh.join() === (await collect(new DataLoader(data, options), 'for')).join()).toBe(true);
});

test('a loop that never lets the event loop turn notices by the silence', () => {
  const thread = new DataThread(workerSource, { patienceMs: 300 });
  thread.kill();
  const delivery = thread.post({
    making: JSON.stringify({ shape: [1, 1, 1] }),
    plan: { indices: Int32Array.of(0), seed: '', place: { epoch: 0, seed: 0 } },
    images: new Uint8Array(1),
  });
  expect(thread.wait(delivery)).toBe(true);
  expect(() => delivery.value).toThrow(StridenetError);
  expect(() => delivery.value).toThrow('gave no answer within 0.3 s');
  expect(() => thread.post({ making: '', plan: {} as never, images: new Uint8Array(0) }).value).toThrow(
    'gave no answer',
  );
});

test('the threads join a loop once their program is loaded, and the batches are the same', async () => {
  const run = async (before: string): Promise<string> => {
    const program = `
      import { DataLoader, synthetic } from ${JSON.stringify(resolve(root, 'src/index.ts'))};
      ${before}
      const set = synthetic({ length: 200 });
      const read = [];
      const data = Object.assign(Object.create(set), { image: (i) => read.push(i) && set.image(i) });
      const options = { batchSize: 40, shuffle: true, seed: 1 };
      const expected = Array.from(new DataLoader(set, options), ({ x }) => x.data.slice().join());
      const counts = [];
      const equal = [];
      const loader = new DataLoader(data, { ...options, workers: 1, prefetch: 1 });
      let k = 0;
      for (const { x } of loader) {
        counts.push(read.length);
        equal.push(x.data.slice().join() === expected[k++]);
        if (k === 2) await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      console.log(counts.join(), equal.every(Boolean));
    `;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    return (await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 20_000 })).stdout.trim();
  };
  // This thread makes the first two batches; the worker then makes one more than is asked for.
  expect(await run('')).toBe('40,80,160,200,200 true');
  // stridenet/node has the program from the start.
  expect(await run(`import ${JSON.stringify(resolve(root, 'src/node/index.ts'))};`)).toBe('80,120,160,200,200 true');
}, 60_000);

test('a process ends with its code, in the middle of an epoch or after it', async () => {
  const loops = [
    'for (const _ of loader) n++; for (const _ of loader) if (++n === 7) break;',
    'for await (const _ of loader) n++; for await (const _ of loader) if (++n === 7) break;',
  ];
  const run = async (loop: string): Promise<string> => {
    const program = `
      import { DataLoader, synthetic } from ${JSON.stringify(resolve(root, 'src/index.ts'))};
      import { randAugment } from ${JSON.stringify(resolve(root, 'src/data/transforms/index.ts'))};
      const loader = new DataLoader(synthetic({ length: 200 }), { batchSize: 40, transform: randAugment(), workers: 2 });
      let n = 0;
      ${loop}
      console.log('done', n);
    `;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    return (await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 20_000 })).stdout.trim();
  };
  expect(await Promise.all(loops.map(run))).toEqual(['done 7', 'done 7']);
});
