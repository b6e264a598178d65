import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError } from '../../src/base/errors.js';
import { ImageDataset, splitDataset, subset } from '../../src/data/dataset.js';
import { measureMeanStd } from '../../src/data/meanStd.js';
import { tinyImages } from '../../testing/images.js';

test('images and labels come back by their number', () => {
  const data = new ImageDataset({
    images: Uint8Array.of(1, 2, 3, 4),
    labels: Uint8Array.of(1, 0),
    shape: [1, 1, 2],
    classes: ['a', 'b'],
  });
  expect([...data.image(1)]).toEqual([3, 4]);
  expect(data.label(0)).toBe(1);
  expect(data.length).toBe(2);
});

test('a subset keeps its order and copies nothing', () => {
  const data = tinyImages(5);
  const some = subset(data, [4, 0, 4]);
  expect([some.length, some.label(0), some.label(1)]).toEqual([3, data.label(4), data.label(0)]);
  expect(some.image(2).buffer).toBe(data.images.buffer);
});

test('a split deals out every image once, the same way for the same seed', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (n, fraction, seed) => {
      const data = tinyImages(n);
      const parts = splitDataset(data, fraction, { seed });
      expect(parts[1].length).toBe(Math.round(n * fraction));
      // The first pixel of image i is i.
      const firsts = parts.flatMap((p) => Array.from({ length: p.length }, (_, i) => p.image(i)[0]));
      expect(firsts.slice().sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const again = splitDataset(data, fraction, { seed });
      expect(again.flatMap((p) => Array.from({ length: p.length }, (_, i) => p.image(i)[0]))).toEqual(firsts);
    }),
  );
});

test('mean and std of two known pixels', () => {
  const data = new ImageDataset({
    images: Uint8Array.of(0, 255, 51, 51),
    labels: Uint8Array.of(0),
    shape: [2, 1, 2],
    classes: ['a'],
  });
  const { mean, std } = measureMeanStd(data);
  expect(mean[0]).toBeCloseTo(0.5, 12);
  expect(std[0]).toBeCloseTo(0.5, 12);
  expect(mean[1]).toBeCloseTo(0.2, 12);
  // A constant channel must not divide by zero.
  expect(std[1]).toBe(1);
});

test('mean and std of floats equal those of the bytes they came from', () => {
  const bytes = tinyImages(7);
  const floats = { ...wrap(bytes), image: (i: number) => Float32Array.from(bytes.image(i), (v) => v / 255) };
  const a = measureMeanStd(bytes);
  const b = measureMeanStd(floats);
  for (const c of [0, 1]) {
    expect(b.mean[c]).toBeCloseTo(a.mean[c], 6);
    expect(b.std[c]).toBeCloseTo(a.std[c], 6);
  }
});

test('errors say what was found and what was needed', () => {
  const make = (labels: number[], bytes: number): ImageDataset =>
    new ImageDataset({
      images: new Uint8Array(bytes),
      labels: Int32Array.from(labels),
      shape: [1, 2, 2],
      classes: ['a', 'b'],
    });
  expect(() => make([0, 1], 7)).toThrow(
    'ImageDataset: 7 pixel values are not 2 images (one a label) of [1, 2, 2], which need 8.',
  );
  expect(() => make([0, 2], 8)).toThrow('image 1 has the label 2, but there are 2 classes');
  expect(() => make([-1], 4)).toThrow(DataError);
  expect(() => make([0], 4).image(1)).toThrow('there is no image 1; this data set holds 1, numbered from 0.');
  expect(() => subset(make([0], 4), [0.5])).toThrow('the index 0.5 is not a whole number');
  expect(() => subset(make([0], 4), [1])).toThrow(ArgumentError);
  expect(() => splitDataset(make([0], 4), 1.5)).toThrow('fraction is 1.5');
  expect(() => measureMeanStd(make([], 0))).toThrow('measureMeanStd: the data set is empty.');
});

function wrap(data: ImageDataset): {
  length: number;
  classes: readonly string[];
  shape: typeof data.shape;
  label: (i: number) => number;
} {
  return { length: data.length, classes: data.classes, shape: data.shape, label: (i) => data.label(i) };
}

describe('what a data set holds', () => {
  const parts = { labels: [0, 1], shape: [1, 1, 2], classes: ['a', 'b'] } as const;

  test('may be bytes, clamped bytes or floats', () => {
    const bytes: Uint8Array = new ImageDataset({ ...parts, images: Uint8Array.of(1, 2, 3, 4) }).image(1);
    const clamped: Uint8Array = new ImageDataset({ ...parts, images: Uint8ClampedArray.of(1, 2, 3, 400) }).image(1);
    const floats: Float32Array = new ImageDataset({ ...parts, images: Float32Array.of(1, 2, 3, 0.5) }).image(1);
    expect([bytes, clamped, floats]).toEqual([Uint8Array.of(3, 4), Uint8Array.of(3, 255), Float32Array.of(3, 0.5)]);
  });

  test('has labels in any array of whole numbers', () => {
    const images = new Uint8Array(4);
    expect(new ImageDataset({ ...parts, images }).label(1)).toBe(1);
    for (const label of [0.5, Number.NaN, 2, -1]) {
      expect(() => new ImageDataset({ ...parts, images, labels: [0, label] })).toThrow(
        `ImageDataset: image 1 has the label ${label}, but there are 2 classes, numbered from 0.`,
      );
    }
  });

  test('is refused when it is neither, by the compiler and in a sentence', () => {
    // @ts-expect-error: an array of numbers
    expect(() => new ImageDataset({ ...parts, images: [1, 2, 3, 4] })).toThrow(
      'ImageDataset: images is Array, but must be a Uint8Array (bytes, 0 to 255) or a Float32Array.',
    );
    // @ts-expect-error: two axes
    expect(() => new ImageDataset({ ...parts, images: new Uint8Array(4), shape: [1, 2] })).toThrow(
      'ImageDataset: shape is [1,2], but must be [channels, height, width], whole numbers above 0.',
    );
  });
});
