import { execFile } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Batch } from '../../../src/data/loader.js';
import { type DataLoader, Flatten, fit, Linear, manualSeed, Sequential, SGD } from '../../../src/index.js';
import { imageFolder, parquetImages, webDataset } from '../../../src/node/index.js';
import type { ShardLoader, ShardLoaderOptions } from '../../../src/node/shards/shardLoader.js';
import type { TrainingRun } from '../../../src/train/run.js';
import { photoFolder } from '../../../testing/photoFolder.js';
import { tarOf } from '../../../testing/tarOf.js';

const root = resolve(import.meta.dirname, '../../..');
const COUNT = 40;
const names = Array.from(
  { length: COUNT },
  (_, i) => `${i % 2 === 0 ? 'cat' : 'dog'}/${String(i).padStart(3, '0')}.png`,
);
let folder: Awaited<ReturnType<typeof photoFolder>>;
let shards: Awaited<ReturnType<typeof photoFolder>>;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const photoAt = (i: number): Uint8Array => new Uint8Array(readFileSync(join(folder.dir, names[i])));
const indicesOf = (shard: number): number[] => Array.from({ length: 10 }, (_, k) => 10 * shard + k);

beforeAll(async () => {
  folder = await photoFolder(names);
  const contents: Record<string, Uint8Array> = {};
  for (let shard = 0; shard < 4; shard++) {
    const of = indicesOf(shard);
    contents[`tar/train-${shard}.tar`] = tarOf(
      of.flatMap((i) => [
        [`s/${i}.png`, photoAt(i)],
        [`s/${i}.cls`, text(`${i % 2}\n`)],
        [
          `s/${i}.json`,
          text(JSON.stringify({ label: i % 2 === 0 ? 'cat' : 'dog', tags: i % 3 ? ['cat', 'dog'] : [] })),
        ],
      ]),
    );
    const columnData = [
      { name: 'image', data: of.map((i) => ({ bytes: photoAt(i), path: `${i}.png` })) },
      { name: 'label', data: of.map((i) => BigInt(i % 2)) },
    ];
    const image = [
      { name: 'root', num_children: 2 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' as const },
      { name: 'bytes', type: 'BYTE_ARRAY' as const, repetition_type: 'OPTIONAL' as const },
      {
        name: 'path',
        type: 'BYTE_ARRAY' as const,
        converted_type: 'UTF8' as const,
        repetition_type: 'OPTIONAL' as const,
      },
      { name: 'label', type: 'INT64' as const, repetition_type: 'OPTIONAL' as const },
    ];
    const features = { image: { _type: 'Image' }, label: { names: ['cat', 'dog'], _type: 'ClassLabel' } };
    const kvMetadata = [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }];
    contents[`parquet/train-${shard}.parquet`] = new Uint8Array(
      parquetWriteBuffer({ columnData, schema: image, rowGroupSize: 4, kvMetadata }),
    );
  }
  shards = await photoFolder([], contents);
});
afterAll(() => {
  folder.remove();
  shards.remove();
});

const copy = ({ x, labels, indices }: Batch): string =>
  JSON.stringify([[...indices], [...labels], x.shape]) + Buffer.from(x.data.slice().buffer).toString('base64');

async function collect(loader: ShardLoader | DataLoader): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of loader) found.push(copy(batch));
  return found;
}

const kinds = {
  'tar shards': async (options: ShardLoaderOptions) =>
    webDataset(join(shards.dir, 'tar/train-{0..3}.tar'), { classes: ['cat', 'dog'], samples: COUNT, ...options }),
  'Parquet files': (options: ShardLoaderOptions) => parquetImages(join(shards.dir, 'parquet'), options),
};

describe.each(Object.entries(kinds))('%s', (_, open) => {
  const small = { batchSize: 6, size: 12 };

  test('hold the photographs of a folder, with its classes', async () => {
    const loader = await open(small);
    expect([loader.length, loader.classes]).toEqual([7, ['cat', 'dog']]);
    const files = imageFolder(folder.dir, { size: 12 });
    let seen = 0;
    for await (const { x, labels, indices } of loader) {
      const size = x.size / indices.length;
      for (const [n, i] of indices.entries()) {
        const at = files.paths.findIndex((path) => path.endsWith(names[i]));
        const image = [...x.data.subarray(n * size, (n + 1) * size)];
        expect(image).toEqual(Array.from(files.image(at), (byte) => Math.fround(byte / 255)));
        expect(labels[n]).toBe(files.label(at));
        seen++;
      }
    }
    expect(seen).toBe(COUNT);
  });

  test('are shuffled anew in each epoch, every sample once', async () => {
    const loader = await open({ ...small, shuffle: 15, seed: 1 });
    const photosOf = (batches: string[]) => batches.map((batch) => batch.slice(batch.lastIndexOf(']') + 1));
    const [first, second] = [photosOf(await collect(loader)), photosOf(await collect(loader))];
    expect(first).not.toEqual(second);
    const plain = await open({ ...small, batchSize: 1 });
    const alone = await open({ ...small, batchSize: 1, shuffle: 15, seed: 1 });
    expect(photosOf(await collect(alone)).sort()).toEqual(photosOf(await collect(plain)).sort());
  });

  test('deal out the same bytes for any number of threads and any prefetch', async () => {
    const of = async (options: object) =>
      collect(await open({ ...small, shuffle: 15, augment: true, seed: 2, ...options }));
    const expected = await of({ threads: 1, prefetch: 0 });
    expect(await of({ threads: 3 })).toEqual(expected);
    expect(await of({ threads: 2, prefetch: 30 })).toEqual(expected);
  });

  test.each([0, 1, 3, 6])('resume after batch %i with the same bytes', async (stop) => {
    const options = { ...small, shuffle: 15, augment: true, seed: 3 };
    const expected = await collect(await open(options));
    const begun = await open(options);
    if (stop > 0) for await (const _ of begun) if (begun.state().batch === stop) break;
    const rest = await open(options);
    rest.restore(JSON.parse(JSON.stringify(begun.state())));
    expect(await collect(rest)).toEqual(expected.slice(stop));
  });

  test('train a model, which resumes from a checkpoint in the middle of an epoch', async () => {
    const run = async (stopAt: number, resume?: Uint8Array) => {
      manualSeed(5);
      const model = new Sequential(new Flatten(), new Linear(3 * 12 * 12, 2));
      const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
      const train = await open({ ...small, shuffle: 15, augment: true });
      let saved: Uint8Array | undefined;
      const callbacks = [
        {
          onStep: (training: TrainingRun) => {
            if (training.step !== stopAt) return;
            saved = training.checkpoint();
            training.stop();
          },
        },
      ];
      await fit(model, { train, optimizer, epochs: 2, callbacks, resume });
      return { weights: [...model.stateDict().values()].map(({ data }) => [...data]), saved };
    };
    const whole = await run(-1);
    const { saved } = await run(10);
    expect((await run(-1, saved)).weights).toEqual(whole.weights);
  });

  test('are closed when the loop is left', async () => {
    const loader = await open({ ...small, shuffle: 15, prefetch: 5 });
    for await (const _ of loader) break;
    expect((await collect(loader)).length).toBe(7);
  });
});

describe('labels of tar shards', () => {
  const first = () => join(shards.dir, 'tar/train-0.tar');
  const labelsOf = async (options: object): Promise<number[]> => {
    for await (const { labels } of webDataset(first(), { batchSize: 4, size: 8, ...options })) return [...labels];
    return [];
  };

  test('are numbers, names, or lists of a JSON file', async () => {
    expect(await labelsOf({})).toEqual([0, 1, 0, 1]);
    expect(await labelsOf({ label: 'label', classes: ['dog', 'cat'] })).toEqual([1, 0, 1, 0]);
    expect(await labelsOf({ label: 'tags', classes: ['cat', 'dog', 'cow'] })).toEqual([
      0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0,
    ]);
  });

  test('that make no sense are refused by the name of the sample', async () => {
    await expect(labelsOf({ label: 'label', classes: ['cat'] })).rejects.toThrow(
      /train-0\.tar: s\/1\.png has the label "dog", which is no class/,
    );
    await expect(labelsOf({ label: 'tags' })).rejects.toThrow('has several labels. Pass classes');
    const dir = await photoFolder([], { 'a.tar': tarOf([['1.png', photoAt(0)]]) });
    const loader = webDataset(join(dir.dir, 'a.tar'), { batchSize: 1 });
    await expect(collect(loader)).rejects.toThrow('has no label: beside it are png');
    dir.remove();
  });
});

describe('what cannot be read', () => {
  const broken = async () => {
    const good = tarOf([
      ['1.png', photoAt(1)],
      ['1.cls', text('0')],
    ]);
    return photoFolder([], {
      'a.tar': tarOf([
        ['0.png', photoAt(0)],
        ['0.cls', text('0')],
        ['2.png', text('no photograph')],
        ['2.cls', text('1')],
      ]),
      'b.tar': good,
      'c.tar': good.slice(0, 700),
    });
  };

  test('throws an error that names it, or is skipped and listed', async () => {
    const { dir, remove } = await broken();
    await expect(collect(webDataset(dir, { batchSize: 2, size: 8 }))).rejects.toThrow(/a\.tar: 2\.png: decodeImage/);
    await expect(collect(webDataset(join(dir, 'c.tar'), { batchSize: 2, size: 8 }))).rejects.toThrow(
      /c\.tar is truncated/,
    );
    const loader = webDataset(dir, { batchSize: 2, size: 8, onError: 'skip' });
    const batches = await collect(loader);
    expect(batches.map((batch) => JSON.parse(batch.slice(0, batch.lastIndexOf(']') + 1))[0])).toEqual([[0], [2]]);
    expect(loader.skipped.map(({ path }) => path.slice(dir.length + 1))).toEqual(['a.tar: 2.png', 'c.tar']);
    expect(loader.describeSkipped()).toMatch(/^2 of 3 files were skipped:/);
    remove();
  });

  test('throws when its batch comes, however far ahead batches are made', async () => {
    const { dir, remove } = await broken();
    for (const prefetch of [0, 20]) {
      const seen: number[] = [];
      const run = async () => {
        const loader = webDataset([join(dir, 'b.tar'), join(dir, 'a.tar')], { batchSize: 1, size: 8, prefetch });
        for await (const { indices } of loader) seen.push(...indices);
      };
      await expect(run()).rejects.toThrow(/a\.tar: 2\.png/);
      expect(seen).toEqual([0, 1]);
    }
    remove();
  });

  test('a damaged Parquet file is refused by name', async () => {
    const path = join(shards.dir, 'parquet/train-1.parquet');
    const bytes = readFileSync(path);
    const { dir, remove } = await photoFolder([], { 'a.parquet': bytes, 'b.parquet': bytes, 'c.parquet': 'PAR1' });
    truncateSync(join(dir, 'a.parquet'), bytes.length - 30);
    await expect(parquetImages(join(dir, 'a.parquet'), { batchSize: 2 })).rejects.toThrow(
      /a\.parquet is no Parquet file/,
    );
    await expect(parquetImages(join(dir, 'c.parquet'), { batchSize: 2 })).rejects.toThrow(
      /c\.parquet is no Parquet file/,
    );
    const loader = await parquetImages(join(dir, 'b.parquet'), { batchSize: 2, image: 'picture' });
    await expect(collect(loader)).rejects.toThrow(/b\.parquet/);
    remove();
  });

  test('compressed shards and missing ones are refused with the way out', async () => {
    const { dir, remove } = await photoFolder([], { 'a.tar': gzipSync(tarOf([])) });
    await expect(collect(webDataset(join(dir, 'a.tar'), { batchSize: 2 }))).rejects.toThrow('compressed with gzip');
    expect(() => webDataset(join(dir, 'b-{0..1}.tar'), { batchSize: 2 })).toThrow('there is no shard');
    expect(() => webDataset([], { batchSize: 2 })).toThrow('there are no shards in an empty list');
    expect(() => webDataset(dir, { batchSize: 0 })).toThrow('batchSize is 0');
    writeFileSync(join(dir, 'a.tar'), '');
    remove();
  });
});

test('six gigabytes of shards fit into a process of 400 MB', async () => {
  const args = ['--import', 'tsx', join(root, 'benchmarks/shards.ts'), '--gigabytes', '6', '--batches', '20'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 180_000 });
  const { gigabytes, peakMegabytes, samples } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(gigabytes).toBeGreaterThanOrEqual(6);
  expect(samples).toBeGreaterThan(0);
  expect(peakMegabytes).toBeLessThanOrEqual(400);
}, 200_000);
