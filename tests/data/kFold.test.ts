import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classWeights, countClasses } from '../../src/data/classWeights.js';
import { type Dataset, ImageDataset, splitDataset, subset } from '../../src/data/dataset.js';
import { kFold } from '../../src/data/kFold.js';
import { MultiLabelDataset } from '../../src/data/multiLabelDataset.js';
import { tinyImages } from '../../testing/images.js';

/** One pixel for each image: its index. */
function labeled(labels: number[], classes = ['a', 'b', 'c']): Dataset {
  const images = Float32Array.from(labels, (_, i) => i);
  return new ImageDataset({ images, labels, shape: [1, 1, 1], classes });
}

const indicesOf = (part: Dataset): number[] => Array.from({ length: part.length }, (_, i) => part.image(i)[0]);
const ascending = (values: number[]): number[] => values.slice().sort((a, b) => a - b);
const labelLists = fc.array(fc.nat(2), { minLength: 4, maxLength: 60 });

describe('a stratified split', () => {
  test('gives both parts the classes in the same proportions', () => {
    const data = labeled([...Array(80).fill(0), ...Array(20).fill(1)], ['a', 'b']);
    const [train, validation] = splitDataset(data, 0.25, { seed: 3, stratified: true });
    expect(countClasses(train)).toEqual([60, 15]);
    expect(countClasses(validation)).toEqual([20, 5]);
  });

  test('deals out every image once, the fraction to one image, each class to less than one image', () => {
    fc.assert(
      fc.property(labelLists, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (labels, fraction, seed) => {
        const data = labeled(labels);
        const parts = splitDataset(data, fraction, { seed, stratified: true });
        expect(ascending(parts.flatMap(indicesOf))).toEqual(labels.map((_, i) => i));
        expect(parts[1].length).toBe(Math.round(labels.length * fraction));
        for (const [k, n] of countClasses(parts[1]).entries()) {
          expect(Math.abs(n - countClasses(data)[k] * fraction)).toBeLessThan(1);
        }
        expect(splitDataset(data, fraction, { seed, stratified: true }).map(indicesOf)).toEqual(parts.map(indicesOf));
      }),
    );
  });

  test('keeps the combinations of multi-hot labels together', () => {
    const multiHot = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? [1, 1] : [0, 1])).flat();
    const data = new MultiLabelDataset({ images: new Uint8Array(12), multiHot, shape: [1, 1, 1], classes: ['a', 'b'] });
    const [, part] = splitDataset(data, 0.5, { stratified: true });
    expect(countClasses(part)).toEqual([2, 6]);
  });
});

describe('kFold', () => {
  test('validates every image once, on a model that has not seen it', () => {
    fc.assert(
      fc.property(labelLists, fc.integer({ min: 2, max: 4 }), fc.boolean(), (labels, folds, stratified) => {
        const pairs = kFold(labeled(labels), folds, { stratified });
        expect(ascending(pairs.flatMap(([, validation]) => indicesOf(validation)))).toEqual(labels.map((_, i) => i));
        for (const pair of pairs) expect(ascending(pair.flatMap(indicesOf))).toEqual(labels.map((_, i) => i));
        const sizes = pairs.map(([, validation]) => validation.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('deals out each class evenly', () => {
    const labels = [...Array(50).fill(0), ...Array(10).fill(1)];
    const counts = kFold(labeled(labels, ['a', 'b']), 5, { seed: 1 }).map(([, validation]) => countClasses(validation));
    expect(counts).toEqual(Array(5).fill([10, 2]));
  });

  test('gives the same folds for the same seed, and others for another', () => {
    const of = (seed: number) => kFold(tinyImages(30), 3, { seed }).map(([, part]) => indicesOf(part));
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  test('refuses more folds than images, and one fold', () => {
    expect(() => kFold(tinyImages(3), 4)).toThrow('kFold: 3 images cannot be dealt out into 4 folds.');
    expect(() => kFold(tinyImages(3), 1)).toThrow('folds is 1, but must be a whole number >= 2');
  });
});

describe('classWeights', () => {
  test('make up for rare classes', () => {
    const data = labeled([...Array(50).fill(0), ...Array(10).fill(1)], ['a', 'b']);
    expect(classWeights(data)).toEqual([0.6, 3]);
  });

  test('weigh all images together as much as without', () => {
    fc.assert(
      fc.property(labelLists, (labels) => {
        const data = labeled([0, 1, 2, ...labels]);
        const weights = classWeights(data);
        const total = countClasses(data).reduce((sum, n, k) => sum + n * weights[k], 0);
        expect(total).toBeCloseTo(data.length, 9);
      }),
    );
  });

  test('name the classes without images', () => {
    expect(() => classWeights(labeled([0, 0]))).toThrow('no image has the classes b, c');
    expect(() => classWeights(subset(labeled([0, 1, 2]), [0, 1]))).toThrow('no image has the class c');
  });
});
