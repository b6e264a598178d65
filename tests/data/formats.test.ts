import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, FormatError } from '../../src/base/errors.js';
import { parseCifar10, parseCifar100 } from '../../src/data/cifar10.js';
import { CIFAR100_COARSE, CIFAR100_FINE } from '../../src/data/cifar100Classes.js';
import { gunzip } from '../../src/data/gunzip.js';
import { parseIdx, parseMnist } from '../../src/data/idx.js';
import { expectOnlyOwnErrors, mutated } from '../../testing/mutations.js';

/** Records of labels and 3,072 bytes that count up from 0. */
function records(...labels: number[][]): Uint8Array {
  const pixels = Array.from({ length: 3072 }, (_, i) => i % 256);
  return Uint8Array.from(labels.flatMap((label) => [...label, ...pixels]));
}

describe('CIFAR', () => {
  test('records of 3,073 bytes become images and labels', () => {
    const data = parseCifar10(records([3], [9]));
    expect([data.length, data.label(0), data.label(1)]).toEqual([2, 3, 9]);
    expect(data.classes[3]).toBe('cat');
    expect([...data.image(1).subarray(0, 3)]).toEqual([0, 1, 2]);
  });

  test('several files become one data set', () => {
    const files = [1, 2].map((i) => ({ name: `file ${i}`, bytes: records([i]) }));
    expect([0, 1].map((i) => parseCifar10(files).label(i))).toEqual([1, 2]);
  });

  test('CIFAR-100 has a coarse and a fine label', () => {
    expect(new Set(CIFAR100_FINE).size).toBe(100);
    expect(new Set(CIFAR100_COARSE).size).toBe(20);
    const bytes = records([4, 0]);
    expect(CIFAR100_FINE[parseCifar100(bytes).label(0)]).toBe('apple');
    expect(CIFAR100_COARSE[parseCifar100(bytes, { labels: 'coarse' }).label(0)]).toBe('fruit_and_vegetables');
    expect(parseCifar100(bytes).image(0)[1]).toBe(1);
  });

  test.each<[string, () => unknown, string]>([
    ['an empty file', () => parseCifar10(new Uint8Array(0)), 'CIFAR-10 file is empty'],
    [
      'a truncated file',
      () => parseCifar10([{ name: 'data_batch_1.bin', bytes: records([1], [2]).subarray(0, 4000) }]),
      'data_batch_1.bin is truncated: its 4000 bytes hold 1 whole records of 3073 bytes and 927 bytes of another.',
    ],
    [
      'a label above 9',
      () => parseCifar10([{ name: 'b.bin', bytes: records([1], [10]) }]),
      'b.bin: record 1 has the label 10, but labels are 0 to 9.',
    ],
    [
      'a fine label above 99',
      () => parseCifar100(records([0, 100])),
      'record 0 has the label 100, but labels are 0 to 99',
    ],
  ])('%s is a DataError', (_, parse, message) => {
    expect(parse).toThrow(DataError);
    expect(parse).toThrow(message);
  });

  test('random and mutated bytes', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(mutated(records([3], [9])), fc.uint8Array({ maxLength: 9 })), (bytes) =>
        expectOnlyOwnErrors(() => parseCifar10(bytes)),
      ),
    ));
});

const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 1);

describe('idx', () => {
  test('a pair of files becomes a data set', () => {
    const data = parseMnist(images, labels);
    expect([data.length, data.label(0), data.label(1), ...data.shape]).toEqual([2, 7, 1, 1, 1, 2]);
    expect([...data.image(1)]).toEqual([30, 40]);
  });

  test.each<[number, number[], number[]]>([
    [0x08, [255], [255]],
    [0x09, [255], [-1]],
    [0x0b, [255, 254], [-2]],
    [0x0c, [0, 0, 1, 0], [256]],
    [0x0d, [0x3f, 0xc0, 0, 0], [1.5]],
    [0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], [1.5]],
  ])('elements of type %i are read with the big end first', (type, bytes, expected) => {
    const { shape, data } = parseIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 1, ...bytes));
    expect([shape, [...data]]).toEqual([[1], expected]);
  });

  test.each<[string, Uint8Array, string]>([
    ['three bytes', images.subarray(0, 3), 'has 3 bytes'],
    ['another magic number', Uint8Array.of(1, 2, 3, 4), 'begins with 01 02 03 04'],
    ['a packed file', new Uint8Array(gzipSync(images)), 'It is compressed'],
    ['a cut header', images.subarray(0, 10), 'truncated inside its header of 16 bytes'],
    ['cut data', images.subarray(0, 18), 'has 2 bytes of data, but its header says [2, 1, 2] with 1 bytes each: 4'],
    ['an endless shape', Uint8Array.of(0, 0, 14, 2, 255, 255, 255, 255, 255, 255, 255, 255), 'has 0 bytes of data'],
  ])('%s is a FormatError', (_, bytes, message) => {
    expect(() => parseIdx(bytes)).toThrow(FormatError);
    expect(() => parseIdx(bytes)).toThrow(message);
  });

  test('files that are no pair, labels without a class, and nothing at all', () => {
    const [one, bad] = [Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 10)];
    expect(() => parseMnist(images, one)).toThrow('image file has 2 images, but label file has 1 labels.');
    expect(() => parseMnist(images, bad)).toThrow('image 1 has the label 10');
    expect(() => parseMnist(labels, images)).toThrow('image file holds [2], but images are bytes of shape [N, H, W].');
    const none = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1);
    expect(() => parseMnist(none, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0))).toThrow('holds no pixels');
  });

  test('random and mutated bytes', () =>
    fc.assert(
      fc.asyncProperty(mutated(images), mutated(labels), (x, y) => expectOnlyOwnErrors(() => parseMnist(x, y))),
      { numRuns: 2000 },
    ));
});

describe('gunzip', () => {
  const content = Uint8Array.from({ length: 5000 }, (_, i) => i % 7);
  const packed = new Uint8Array(gzipSync(content));

  test('unpacks what gzip packed', async () => {
    expect(await gunzip(packed)).toEqual(content);
  });

  test('refuses a file that unpacks to more than allowed', async () => {
    await expect(gunzip(packed, { maximumBytes: 4999, name: 'a.gz' })).rejects.toThrow(
      'a.gz unpacks to more than 4999 bytes',
    );
  });

  test('refuses cuts, damage and other formats', async () => {
    await expect(gunzip(content)).rejects.toThrow('not a gzip file');
    await expect(gunzip(packed.subarray(0, packed.length - 3))).rejects.toThrow(FormatError);
    const damaged = packed.slice();
    damaged[packed.length - 6] ^= 255;
    await expect(gunzip(damaged)).rejects.toThrow('damaged or truncated');
  });

  test('random and mutated bytes', () =>
    fc.assert(
      fc.asyncProperty(mutated(packed), (bytes) => expectOnlyOwnErrors(() => gunzip(bytes))),
      { numRuns: 200 },
    ));
});

describe('records of the other CIFAR', () => {
  test('are told by their length, with the function that reads them', () => {
    expect(() => parseCifar10(new Uint8Array(30_740))).toThrow(
      'CIFAR-10 file: its 30740 bytes are 10 whole records of CIFAR-100, of 3074 bytes each, not of the 3073 bytes read here. Use parseCifar100.',
    );
    expect(() => parseCifar100([{ name: 'test_batch.bin', bytes: new Uint8Array(3073) }])).toThrow(
      'test_batch.bin: its 3073 bytes are 1 whole records of CIFAR-10, of 3073 bytes each, not of the 3074 bytes read here. Use parseCifar10.',
    );
  });
});
