import { describe, expect, test } from 'vitest';
import { datasetChecksum } from '../../src/data/datasetChecksum.js';
import { DataLoader, type Dataset, measureMeanStd } from '../../src/index.js';

const good: Dataset = {
  length: 4,
  shape: [1, 2, 2],
  classes: ['a', 'b'],
  image: () => new Uint8Array(4),
  label: (i) => i % 2,
};

async function read(dataset: Dataset, workers = 0): Promise<void> {
  for await (const _ of new DataLoader(dataset, { batchSize: 2, workers })) void _;
}

describe('a data set of somebody else', () => {
  test.each([0, 1])('with an asynchronous image() is told to be synchronous, with %i workers', async (workers) => {
    const image = (async () => new Uint8Array(4)) as never;
    await expect(read({ ...good, image }, workers)).rejects.toThrow(
      'DataLoader: image(0) of the data set gave a Promise, but image() must be synchronous.',
    );
    expect(() => measureMeanStd({ ...good, image })).toThrow('measureMeanStd: image(0) of the data set gave a Promise');
    expect(() => datasetChecksum({ ...good, image })).toThrow(
      'datasetChecksum: image(0) of the data set gave a Promise',
    );
  });

  test.each([0, 1])('with an image of another size hears which, with %i workers', async (workers) => {
    const image = (i: number) => new Uint8Array(i === 3 ? 5 : 4);
    await expect(read({ ...good, image }, workers)).rejects.toThrow(
      'DataLoader: image 3 of the data set has 5 values, but its shape [1, 2, 2] needs 4.',
    );
  });

  test('with labels that are promises or no class hears so', async () => {
    const later = (async () => 1) as never;
    await expect(read({ ...good, label: later })).rejects.toThrow('label() must be synchronous');
    await expect(read({ ...good, label: (i) => i })).rejects.toThrow(
      'DataLoader: image 2 has the label 2, but there are 2 classes, numbered from 0.',
    );
  });

  test('with images that are something else hears what', async () => {
    await expect(read({ ...good, image: () => undefined as never })).rejects.toThrow(
      'image(0) is undefined, but must be',
    );
    await expect(read({ ...good, image: () => [0, 0, 0, 0] as never })).rejects.toThrow(
      'image(0) is Array, but must be',
    );
  });

  test('may give clamped bytes, which count as bytes', () => {
    const image = () => new Uint8ClampedArray([0, 255, 0, 255]) as never;
    expect(measureMeanStd({ ...good, image })).toEqual({ mean: [0.5], std: [0.5] });
  });
});
