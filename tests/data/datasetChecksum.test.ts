import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Dataset, ImageDataset, subset } from '../../src/data/dataset.js';
import { datasetChecksum } from '../../src/data/datasetChecksum.js';

const classes = ['a', 'b', 'c'];

function images(change: (images: Uint8Array, labels: Uint8Array) => void = () => undefined): ImageDataset {
  const bytes = Uint8Array.from({ length: 5 * 6 }, (_, i) => 7 * i);
  const labels = Uint8Array.of(0, 1, 2, 1, 0);
  change(bytes, labels);
  return new ImageDataset({ images: bytes, labels, shape: [1, 2, 3], classes });
}

test('an empty text has the hash that its authors publish, and the same data the same checksum', () => {
  const one: Dataset = { length: 0, classes: [], shape: [1, 1, 1], image: () => new Uint8Array(), label: () => 0 };
  // FNV-1a of `[0,[1,1,1],[]]`, computed with exact integers.
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from('[0,[1,1,1],[]]')) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
  expect(datasetChecksum(one)).toBe(hash.toString(16).padStart(8, '0'));
  expect(datasetChecksum(images())).toBe(datasetChecksum(images()));
});

test('any other pixel or label is another checksum', () => {
  const whole = datasetChecksum(images());
  fc.assert(
    fc.property(fc.nat(29), fc.integer({ min: 1, max: 255 }), (at, change) => {
      expect(datasetChecksum(images((bytes) => void (bytes[at] ^= change)))).not.toBe(whole);
    }),
  );
  expect(datasetChecksum(images((_, labels) => void (labels[3] = 2)))).not.toBe(whole);
});

test('another order, length, shape or class name is another checksum', () => {
  const plain = images();
  const of = (parts: object): string => {
    const { length, shape } = plain;
    return datasetChecksum({
      length,
      classes,
      shape,
      image: (i) => plain.image(i),
      label: (i) => plain.label(i),
      ...parts,
    });
  };
  const all = [
    of({}),
    of({ shape: [1, 3, 2] }),
    of({ classes: ['a', 'b', 'd'] }),
    datasetChecksum(subset(plain, [0, 1, 2, 4, 3])),
    datasetChecksum(subset(plain, [0, 1, 2, 3])),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(datasetChecksum(subset(plain, [0, 1, 2, 3, 4]))).toBe(all[0]);
});

test('it is computed once for an object', () => {
  let read = 0;
  const plain = images();
  const counting = subset(plain, [0, 1]);
  const dataset: Dataset = { ...counting, image: () => counting.image(++read % 2) };
  expect(datasetChecksum(dataset)).toBe(datasetChecksum(dataset));
  expect(read).toBe(2);
});
