import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FormatError } from '../../../src/base/errors.js';
import { type Dataset, splitDataset } from '../../../src/data/dataset.js';
import { datasetChecksum } from '../../../src/data/datasetChecksum.js';
import { everyImage } from '../../../src/data/epochImages.js';
import { type Batch, DataLoader } from '../../../src/data/loader.js';
import { centerCrop, decodeImage, resizeImage } from '../../../src/images/index.js';
import { type ImageFolderOptions, imageFolder } from '../../../src/node/index.js';
import { photoFolder } from '../../../testing/photoFolder.js';

const root = resolve(import.meta.dirname, '../../..');
const shared = resolve(root, '../shared/data/hymenoptera');
const names = Array.from({ length: 23 }, (_, i) => `${i % 3 === 0 ? 'cat' : 'dog'}/${i}.png`);
let folder: Awaited<ReturnType<typeof photoFolder>>;
let broken: Awaited<ReturnType<typeof photoFolder>>;

beforeAll(async () => {
  folder = await photoFolder(names);
  broken = await photoFolder(names, { 'cat/empty.jpg': '', 'dog/text.png': 'no image' });
  truncateSync(join(broken.dir, 'dog/5.png'), 300);
});
afterAll(() => {
  folder.remove();
  broken.remove();
});

const small: ImageFolderOptions = { size: 12 };

const copy = ({ x, labels, indices }: Batch): string =>
  JSON.stringify([[...indices], [...labels], x.shape]) + Buffer.from(x.data.slice().buffer).toString('base64');

async function collect(data: Dataset, mode: 'for' | 'for await', options: object = {}): Promise<string[]> {
  const loader = new DataLoader(data, { batchSize: 5, shuffle: true, seed: 3, ...options });
  const found: string[] = [];
  if (mode === 'for') for (const batch of loader) found.push(copy(batch));
  else for await (const batch of loader) found.push(copy(batch));
  return found;
}

describe('an image', () => {
  test('is the middle of the photograph, scaled on its bytes', async () => {
    const data = imageFolder(folder.dir, { size: 8, shortSide: 10, filter: 'bicubic' });
    expect(data.shape).toEqual([3, 8, 8]);
    const photo = await decodeImage(readFileSync(data.paths[4]));
    const { data: pixels } = centerCrop(await resizeImage(photo, { shortSide: 10, filter: 'bicubic' }), 8, 8);
    const chw = Array.from({ length: 3 * 64 }, (_, k) => pixels[(k % 64) * 3 + Math.floor(k / 64)]);
    expect([...data.image(4)]).toEqual(chw);
  });

  test.each([
    [{ size: [9, 20] as const }, [3, 9, 20]],
    [{ size: [9, 20] as const, shortSide: 30 }, [3, 9, 20]],
    [{ size: 40, fit: 'stretch' as const }, [3, 40, 40]],
    [{ size: 6, mode: 'L' as const }, [1, 6, 6]],
  ])('has the size that was asked for: %j', (options, shape) => {
    const data = imageFolder(folder.dir, options);
    expect(data.shape).toEqual(shape);
    for (let i = 0; i < 3; i++) expect(data.image(i).length).toBe(shape[0] * shape[1] * shape[2]);
  });

  test('options out of range are refused', () => {
    const make = (options: object) => () => imageFolder(folder.dir, options);
    expect(make({ size: 0 })).toThrow('size is 0');
    expect(make({ size: 32, shortSide: 20 })).toThrow('shortSide is 20, but a part of 32 x 32 is to be cut out');
    expect(make({ filter: 'cubic' })).toThrow("filter is 'cubic'");
    expect(make({ augment: { scale: [0, 2] } })).toThrow('scale is [0,2]');
    expect(make({ augment: { flips: 1 } })).toThrow("no option 'flips'");
    expect(make({ onError: 'ignore' })).toThrow("onError is 'ignore'");
    expect(make({ decode: { mode: 'L' } })).toThrow("no option 'mode'");
  });
});

describe('an epoch', () => {
  test('holds the images of the folder, whatever the loop', async () => {
    const data = imageFolder(folder.dir, small);
    const loader = new DataLoader(data, { batchSize: 5 });
    for (const { x, labels, indices } of loader) {
      for (const [n, i] of indices.entries()) {
        const size = x.size / indices.length;
        const image = [...x.data.subarray(n * size, (n + 1) * size)];
        expect(image).toEqual(Array.from(data.image(i), (byte) => Math.fround(byte / 255)));
        expect(labels[n]).toBe(data.label(i));
      }
    }
    expect(await collect(data, 'for await')).toEqual(await collect(data, 'for'));
  });

  test.each(['for', 'for await'] as const)(
    'is the same in a %s loop for any number of threads and any prefetch',
    async (mode) => {
      const of = (threads: number, options = {}) =>
        collect(imageFolder(folder.dir, { ...small, augment: true, threads }), mode, options);
      const expected = await of(1);
      expect(await of(3)).toEqual(expected);
      expect(await of(2, { prefetch: 0 })).toEqual(expected);
      expect(await of(2, { prefetch: 100 })).toEqual(expected);
      expect(await of(2, { workers: 2 })).toEqual(expected);
    },
  );

  test('augments anew each time, repeatably, and resumes in the middle with the same bytes', async () => {
    const data = imageFolder(folder.dir, { ...small, augment: { scale: [0.2, 1] } });
    const loader = new DataLoader(data, { batchSize: 5, seed: 1 });
    const epochs = [0, 1].map(() => {
      const found: string[] = [];
      for (const batch of loader) found.push(copy(batch));
      return found;
    });
    expect(epochs[0]).not.toEqual(epochs[1]);
    const begun = new DataLoader(data, { batchSize: 5, seed: 1 });
    for (const _ of begun) if (begun.state().batch === 2) break;
    const rest = new DataLoader(data, { batchSize: 5, seed: 1 });
    rest.restore(JSON.parse(JSON.stringify(begun.state())));
    const found: string[] = [];
    for (const batch of rest) found.push(copy(batch));
    expect(found).toEqual(epochs[0].slice(2));
  });

  test('takes one draw of the augmentation for each image, mirrored half of the time', () => {
    const always = imageFolder(folder.dir, { ...small, augment: { scale: [1, 1], ratio: [1, 1], flip: 1 } });
    const never = imageFolder(folder.dir, { ...small, augment: { scale: [1, 1], ratio: [1, 1], flip: 0 } });
    const pixelsOf = (data: Dataset) => {
      const loader = new DataLoader(data, { batchSize: 23, seed: 1 });
      for (const { x } of loader) return x.data.slice();
      throw new Error('no batch');
    };
    const [a, b] = [pixelsOf(always), pixelsOf(never)];
    const mirrored = a.map((_, k) => a[k - (k % 12) + 11 - (k % 12)]);
    expect(mirrored).toEqual(b);
  });

  test('leaves nothing to do behind when the loop is left', async () => {
    const data = imageFolder(folder.dir, small);
    for (const _ of new DataLoader(data, { batchSize: 2, prefetch: 20 })) break;
    const started = performance.now();
    data.image(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('a process ends by itself, in the middle of an epoch or after it', async () => {
    const program = `
      import { DataLoader, imageFolder } from ${JSON.stringify(resolve(root, 'tests/node/folder/library.ts'))};
      const data = imageFolder(${JSON.stringify(folder.dir)}, { size: 12, threads: 2 });
      let n = 0;
      for (const _ of new DataLoader(data, { batchSize: 4 })) n++;
      for await (const _ of new DataLoader(data, { batchSize: 4 })) if (++n === 8) break;
      console.log(n);
    `;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
    expect(stdout.trim()).toBe('8');
  }, 90_000);
});

describe('files that cannot be read', () => {
  test('throw an error that names them', async () => {
    const data = imageFolder(broken.dir, small);
    const bad = data.paths.findIndex((path) => path.endsWith('text.png'));
    expect(() => data.image(bad)).toThrow(FormatError);
    expect(() => data.image(bad)).toThrow(/dog\/text\.png: decodeImage:/);
    await expect(collect(data, 'for')).rejects.toThrow(/\.(png|jpg): decodeImage/);
    await expect(collect(data, 'for await', { workers: 1 })).rejects.toThrow(/\.(png|jpg): decodeImage/);
  });

  test('or are skipped, counted and named', async () => {
    const data = imageFolder(broken.dir, { ...small, onError: 'skip' });
    rmSync(join(broken.dir, 'cat/9.png'));
    for (let epoch = 0; epoch < 2; epoch++) {
      const seen = (await collect(data, 'for')).flatMap(
        (batch) => JSON.parse(batch.slice(0, batch.indexOf(']]') + 2))[0],
      );
      expect(seen.length).toBe(data.length - 4);
    }
    expect(data.skipped.map(({ path }) => path.slice(broken.dir.length + 1))).toEqual([
      'cat/9.png',
      'cat/empty.jpg',
      'dog/5.png',
      'dog/text.png',
    ]);
    const text = data.describeSkipped();
    expect(text).toMatch(/^4 of 25 files were skipped:\n/);
    expect(text.split('\n').length).toBe(5);
    expect([...everyImage('test', data)].length).toBe(21);
  });
});

describe('the checksum', () => {
  test('is another one when a photograph is edited, and for another preparation', async () => {
    const { dir, remove } = await photoFolder(['a/1.png', 'b/2.png']);
    const before = datasetChecksum(imageFolder(dir, small));
    expect(datasetChecksum(imageFolder(dir, small))).toBe(before);
    expect(datasetChecksum(imageFolder(dir, { size: 13 }))).not.toBe(before);
    writeFileSync(join(dir, 'a/1.png'), readFileSync(join(dir, 'b/2.png')));
    expect(datasetChecksum(imageFolder(dir, small))).not.toBe(before);
    remove();
  });
});

describe('the cache', () => {
  const filesIn = (dir: string) =>
    existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.pixels')) : [];

  test('changes no bit, and heals what is damaged', async () => {
    const { dir: cache, remove } = await photoFolder([]);
    const options = { ...small, augment: true, shortSide: 14 };
    const expected = await collect(imageFolder(folder.dir, options), 'for');
    const cached = () => collect(imageFolder(folder.dir, { ...options, cache }), 'for');
    expect(await cached()).toEqual(expected);
    expect(filesIn(cache).length).toBe(names.length);
    expect(await cached()).toEqual(expected);
    for (const [k, file] of filesIn(cache).entries()) {
      if (k % 3 === 0) truncateSync(join(cache, file), 10 * k);
      if (k % 3 !== 1) continue;
      const bytes = readFileSync(join(cache, file));
      bytes[20 + k] ^= 1;
      writeFileSync(join(cache, file), bytes);
    }
    expect(await cached()).toEqual(expected);
    expect(filesIn(cache).length).toBe(names.length);
    remove();
  });

  test('survives a kill at any time', async () => {
    const { dir: cache, remove } = await photoFolder([]);
    const program = `
      import { DataLoader, imageFolder } from ${JSON.stringify(resolve(root, 'tests/node/folder/library.ts'))};
      const data = imageFolder(${JSON.stringify(folder.dir)}, { size: 200, threads: 2, cache: ${JSON.stringify(cache)} });
      console.log('begun');
      for (const _ of new DataLoader(data, { batchSize: 4 }));
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: root });
    await new Promise<void>((done) => {
      const look = setInterval(() => {
        if (filesIn(cache).length < 3 && child.exitCode === null) return;
        clearInterval(look);
        child.kill('SIGKILL');
        done();
      }, 1);
    });
    const all = (options: object) => [...everyImage('test', imageFolder(folder.dir, { size: 200, ...options }))];
    expect(all({ cache })).toEqual(all({}));
    remove();
  }, 90_000);

  test('that cannot be written only costs time', async () => {
    const cache = join(folder.dir, 'cat/0.png', 'below a file');
    expect(await collect(imageFolder(folder.dir, { ...small, cache }), 'for')).toEqual(
      await collect(imageFolder(folder.dir, small), 'for'),
    );
  });
});

test('a split without augmentation goes with the same split with it', () => {
  const [train] = splitDataset(imageFolder(folder.dir, { ...small, augment: true }), 0.3, {
    seed: 1,
    stratified: true,
  });
  const [, validation] = splitDataset(imageFolder(folder.dir, small), 0.3, { seed: 1, stratified: true });
  expect([train.augmented, validation.augmented, train.length + validation.length]).toEqual([true, undefined, 23]);
});

test.skipIf(!existsSync(shared))(
  'real photographs give the bytes of Pillow and torchvision (needs ../shared/data/hymenoptera)',
  () => {
    const golden = JSON.parse(readFileSync(resolve(root, 'tests/golden/imageFolder.json'), 'utf8')).prepared;
    for (const part of ['train', 'val'] as const) {
      const hashes: string[] = [];
      for (const { image } of everyImage('test', imageFolder(shared, { split: part }))) {
        hashes.push(createHash('sha256').update(image).digest('hex'));
      }
      expect(hashes.length).toBe(golden[part].length);
      expect(hashes[0]).toBe(golden[part].first);
      expect(createHash('sha256').update(hashes.join('')).digest('hex')).toBe(golden[part].all);
    }
  },
);
