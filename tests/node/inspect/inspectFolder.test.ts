import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError } from '../../../src/base/errors.js';
import { measureMeanStd } from '../../../src/data/meanStd.js';
import { decodeImage, encodePng } from '../../../src/images/index.js';
import { describeFolder, imageFolder, inspectFolder } from '../../../src/node/index.js';
import { equalGroups, nearGroups } from '../../../src/node/inspect/duplicates.js';
import { grayscale, ImageSums } from '../../../src/node/inspect/imageSums.js';
import { drawnPhoto, photoFolder } from '../../../testing/photoFolder.js';

let folder: Awaited<ReturnType<typeof photoFolder>>;
const drawn = [
  'train/cat/1.png',
  'train/cat/2.png',
  'train/dog/3.png',
  'train/dog/4.png',
  'val/cat/5.png',
  'val/dog/6.png',
];

/** A picture with a soft slope, `width` x `height`, so that other sizes of it look alike. */
function slope(width: number, height: number, isGray = false): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 127 + 120 * Math.sin((9 * x) / width + (4 * y) / height);
      for (let c = 0; c < 3; c++) data[at++] = isGray || c > 0 ? light : 255 - light / 2;
    }
  }
  return encodePng({ width, height, data });
}

beforeAll(async () => {
  const twin = await drawnPhoto(0, 20, 16);
  folder = await photoFolder(drawn, {
    'val/dog/twin.png': twin,
    'train/cat/slope.png': slope(90, 60),
    'train/cat/slope-small.png': slope(45, 30),
    'train/cat/gray.png': slope(40, 80, true),
    'train/dog/broken.png': 'nothing',
  });
});
afterAll(() => folder.remove());

describe('inspectFolder', () => {
  test('counts classes, sizes, gray photographs, duplicates and damaged files', async () => {
    const seen: number[] = [];
    const report = await inspectFolder(folder.dir, { size: 16, onProgress: (done, total) => seen.push(done / total) });
    expect(report.parts).toEqual([
      { split: 'train', images: 8, classes: { cat: 5, dog: 3 } },
      { split: 'val', images: 3, classes: { cat: 1, dog: 2 } },
    ]);
    expect([report.images, report.gray, report.turned, report.formats]).toEqual([11, 1, 0, { png: 10 }]);
    expect(report.skipped.map(({ path }) => path)).toEqual(['train/dog/broken.png']);
    expect([report.width.maximum, report.height.maximum]).toEqual([90, 80]);
    expect(report.aspectRatio.minimum).toBe(0.5);
    expect(report.duplicates).toEqual([['train/cat/1.png', 'val/dog/twin.png']]);
    expect(report.nearDuplicates).toContainEqual([
      'train/cat/gray.png',
      'train/cat/slope-small.png',
      'train/cat/slope.png',
    ]);
    expect(report.warnings.join('\n')).toMatch(/1 of 11 files can't be read/);
    expect(report.warnings.join('\n')).toMatch(/1 photograph is in several splits/);
    expect(report.warnings.join('\n')).toMatch(/1 photograph has the labels of several classes/);
    expect(report.pictures).toEqual([]);
    expect(seen.at(-1)).toBe(1);
  });

  test('measures the mean and deviation that a loader would normalize by', async () => {
    const report = await inspectFolder(folder.dir, { size: 16, split: 'val' });
    const { mean, std } = measureMeanStd(imageFolder(folder.dir, { size: 16, split: 'val' }));
    for (let c = 0; c < 3; c++) {
      expect(report.channels.mean[c]).toBeCloseTo(mean[c], 10);
      expect(report.channels.std[c]).toBeCloseTo(std[c], 10);
    }
  });

  test('draws pictures that can be read', async () => {
    const out = join(folder.dir, '..', `${folder.dir.split('/').at(-1)}-out`);
    const report = await inspectFolder(folder.dir, { size: 16, out, perClass: 2 });
    expect(report.pictures.length).toBe(7);
    for (const path of report.pictures) expect((await decodeImage(readFileSync(path))).format).toBe('png');
    const sheet = await decodeImage(readFileSync(join(out, 'contact-sheet.png')));
    // Four rows of two pictures, in three columns.
    expect([sheet.width, sheet.height]).toEqual([3 * 100 + 4, 4 + 4 * (18 + 100 + 4)]);
    const mean = await decodeImage(readFileSync(join(out, 'mean.png')));
    expect([mean.width, mean.height]).toEqual([16, 16]);
  });

  test('is described in a table', async () => {
    const text = describeFolder(await inspectFolder(folder.dir, { size: 16 }));
    expect(text).toMatch(/^.*: 11 images\n\nclass +train +val\ncat +5 +1\ndog +3 +2\nall +8 +3\n/);
    expect(text).toMatch(/duplicates +2 files in 1 group/);
    expect(text).toMatch(/The same pixels:\n {2}train\/cat\/1\.png {2}val\/dog\/twin\.png/);
  });

  test('reads labels from a table, and refuses a folder in which nothing can be read', async () => {
    const { dir, remove } = await photoFolder(['1.png', '2.png'], {
      'labels.json': '{"1.png": ["a", "b"], "2.png": ["a"]}',
    });
    expect((await inspectFolder(dir, { size: 8 })).parts[0].classes).toEqual({ a: 2, b: 1 });
    remove();
    const bad = await photoFolder([], { 'a/1.png': 'x', 'a/2.png': 'y' });
    await expect(inspectFolder(bad.dir)).rejects.toThrow(DataError);
    await expect(inspectFolder(bad.dir)).rejects.toThrow(/none of the 2 files of .* can be read/);
    await expect(inspectFolder(bad.dir, { distance: -1 })).rejects.toThrow('distance is -1');
    bad.remove();
  });
});

test('groups of near hashes are those that all pairs give', () => {
  const digit = fc.constantFrom(...'01f');
  const hash = fc.array(digit, { minLength: 16, maxLength: 16 }).map((digits) => digits.join(''));
  const apart = (a: string, b: string): number => {
    const x = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
    return [...x.toString(2)].filter((bit) => bit === '1').length;
  };
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 12 }), fc.integer({ min: 0, max: 20 }), (hashes, distance) => {
      const groups = nearGroups(hashes, distance);
      for (const [i, a] of hashes.entries()) {
        for (const [j, b] of hashes.entries()) {
          if (i === j || apart(a, b) > distance) continue;
          expect(groups.some((group) => group.includes(i) && group.includes(j))).toBe(true);
        }
      }
      for (const group of groups) {
        for (const i of group) {
          expect(group.some((j) => i !== j && apart(hashes[i], hashes[j]) <= distance)).toBe(true);
        }
      }
      if (distance === 0) expect(groups).toEqual(equalGroups(hashes));
    }),
  );
});

test('reductions of two images, by hand', () => {
  const sums = new ImageSums(3, 1, 1);
  sums.add(Uint8Array.of(0, 100, 250));
  sums.add(Uint8Array.of(100, 100, 255));
  expect([...sums.reduced('mean').data]).toEqual([50, 100, 253]);
  expect([...sums.reduced('deviation').data]).toEqual([100, 0, 5]);
  expect([...sums.reduced('minimum').data]).toEqual([0, 100, 250]);
  expect([...sums.reduced('maximum').data]).toEqual([100, 100, 255]);
  expect([...grayscale(sums.reduced('minimum')).data]).toEqual([Math.round(0.587 * 100 + 0.114 * 250)]);
});

const shared = resolve(import.meta.dirname, '../../../../shared/data/hymenoptera');
test.skipIf(!existsSync(shared))('real photographs (needs ../shared/data/hymenoptera)', async () => {
  const report = await inspectFolder(shared);
  expect(report.images).toBe(397);
  expect(report.parts.map(({ classes }) => classes)).toEqual([
    { ants: 123, bees: 121 },
    { ants: 70, bees: 83 },
  ]);
  expect(report.skipped).toEqual([]);
});
