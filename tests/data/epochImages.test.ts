import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/base/errors.js';
import { type Dataset, subset } from '../../src/data/dataset.js';
import { datasetChecksum } from '../../src/data/datasetChecksum.js';
import type { EpochPlan } from '../../src/data/epochPlan.js';
import { DataLoader } from '../../src/data/loader.js';
import { measureMeanStd } from '../../src/data/meanStd.js';
import { tinyImages } from '../../testing/images.js';

const stored = tinyImages(10);

/** The images of `stored`, made on demand, all but those of `broken`; `log` tells what the loader asks for. */
function onDemand(broken: number[] = [], policy: 'skip' | 'throw' = 'skip') {
  const log: string[] = [];
  const dataset: Dataset = {
    length: stored.length,
    classes: stored.classes,
    shape: stored.shape,
    image: () => {
      throw new Error('image() is not asked for in an epoch.');
    },
    label: (i) => stored.label(i),
    open: (plan: EpochPlan) => {
      log.push(`open ${plan.first}-${plan.end}`);
      const take = (k: number) => {
        const { indices } = plan.batch(k);
        const present = Int32Array.from(indices.keys()).filter((n) => !broken.includes(indices[n]));
        if (policy === 'throw' && present.length < indices.length) throw new DataError('image 3 is broken.');
        log.push(`take ${k}`);
        return { present, at: (n: number) => stored.image(indices[n]) };
      };
      return { isReady: () => true, take, takeLater: async (k) => take(k), close: () => log.push('close') };
    },
  };
  return { dataset, log };
}

const contentOf = (batch: { indices: Int32Array; labels: Int32Array; x: { data: Float32Array } }): string =>
  JSON.stringify([[...batch.indices], [...batch.labels], [...batch.x.data]]);

async function collect(dataset: Dataset, workers: number, mode: 'for' | 'for await'): Promise<string[]> {
  const loader = new DataLoader(dataset, { batchSize: 4, shuffle: true, seed: 1, workers });
  const found: string[] = [];
  if (mode === 'for') for (const batch of loader) found.push(contentOf(batch));
  else for await (const batch of loader) found.push(contentOf(batch));
  return found;
}

describe.each([0, 2])('a data set that makes its images on demand, with %i workers', (workers) => {
  test.each(['for', 'for await'] as const)('gives a %s loop the same batches as a stored one', async (mode) => {
    const { dataset, log } = onDemand();
    expect(await collect(dataset, workers, mode)).toEqual(await collect(stored, 0, 'for'));
    expect(log[0]).toBe('open 0-3');
    expect(log.at(-1)).toBe('close');
  });

  test.each(['for', 'for await'] as const)('leaves out of a %s loop what cannot be read', async (mode) => {
    const found = await collect(onDemand([3, 7]).dataset, workers, mode);
    const indices = found.flatMap((batch) => JSON.parse(batch)[0] as number[]);
    expect(indices.sort((a, b) => a - b)).toEqual([0, 1, 2, 4, 5, 6, 8, 9]);
  });

  test('passes over a batch that has no image at all', async () => {
    const { dataset } = onDemand([0, 1, 2, 3]);
    const loader = new DataLoader(dataset, { batchSize: 4, workers });
    expect([...loader].map((batch) => [...batch.indices])).toEqual([
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  test.each(['for', 'for await'] as const)('throws in a %s loop at the batch of the broken image', async (mode) => {
    const { dataset, log } = onDemand([5], 'throw');
    const loader = new DataLoader(dataset, { batchSize: 4, workers });
    let batches = 0;
    const run = async () => {
      if (mode === 'for') for (const _ of loader) batches++;
      else for await (const _ of loader) batches++;
    };
    await expect(run()).rejects.toThrow('image 3 is broken.');
    expect(batches).toBe(1);
    expect(log.at(-1)).toBe('close');
  });

  test('is closed when the loop is left', () => {
    const { dataset, log } = onDemand();
    for (const _ of new DataLoader(dataset, { batchSize: 4, workers })) break;
    expect(log.at(-1)).toBe('close');
  });
});

test('a subset asks for the images of the whole', async () => {
  const chosen = [8, 2, 5];
  const found = [...new DataLoader(subset(onDemand().dataset, chosen), { batchSize: 2 })];
  expect(found.map(({ indices }) => [...indices])).toEqual([[0, 1], [2]]);
  expect(await collect(subset(onDemand().dataset, chosen), 0, 'for')).toEqual(
    await collect(subset(stored, chosen), 0, 'for'),
  );
});

test('mean and deviation are those of the images that can be read', () => {
  const readable = [0, 1, 2, 4, 5, 6, 8, 9];
  expect(measureMeanStd(onDemand([3, 7]).dataset)).toEqual(measureMeanStd(subset(stored, readable)));
  expect(() => measureMeanStd(onDemand([...Array(10).keys()]).dataset)).toThrow('no image of the data set can be read');
});

test('a data set may know its own checksum, and a subset has another', () => {
  const dataset = { ...onDemand().dataset, checksum: () => 'files of today' };
  const later = { ...onDemand().dataset, checksum: () => 'files of tomorrow' };
  expect(datasetChecksum(dataset)).not.toBe(datasetChecksum(later));
  expect(datasetChecksum(subset(dataset, [1]))).not.toBe(datasetChecksum(subset(dataset, [2])));
  expect(datasetChecksum(dataset)).toMatch(/^[0-9a-f]{8}$/);
});
