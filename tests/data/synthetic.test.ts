import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { synthetic } from '../../src/data/synthetic.js';

test('the same options give the same bytes; another seed or split gives others', () => {
  const digest = (data: ImageDataset): string => createHash('md5').update(data.images).digest('hex');
  const first = digest(synthetic({ length: 50 }));
  expect(digest(synthetic({ length: 50 }))).toBe(first);
  expect(digest(synthetic({ length: 50, seed: 1 }))).not.toBe(first);
  expect(digest(synthetic({ length: 50, split: 'test' }))).not.toBe(first);
  expect(digest(synthetic({ length: 50 }))).toBe('3660f0dc209bd5dcd00ee6c2479f654b');
});

test('a shorter set is the beginning of a longer one, with the classes in turn', () => {
  const long = synthetic({ length: 30 });
  expect(long.images.subarray(0, 12 * 3072)).toEqual(synthetic({ length: 12 }).images);
  expect([long.shape, long.classes.length, long.label(13)]).toEqual([[3, 32, 32], 10, 3]);
});

test('a linear classifier stays far under 60 %', () => {
  const train = synthetic({ length: 1500 });
  const held = synthetic({ length: 500, split: 'test' });
  const weights = softmaxRegression(train, 3, 0.01);
  const accuracy = (data: ImageDataset): number => {
    let hits = 0;
    for (let i = 0; i < data.length; i++) if (argmax(scores(weights, data.image(i))) === data.label(i)) hits++;
    return hits / data.length;
  };
  // It did learn: better than the 10 % of chance on what it has seen, by five deviations.
  expect(accuracy(train)).toBeGreaterThan(0.13);
  expect(accuracy(held)).toBeLessThan(0.35);
});

test('options out of range are refused', () => {
  expect(() => synthetic({ length: 0 })).toThrow('length is 0');
  expect(() => synthetic({ split: 'x' as 'test' })).toThrow("split is 'x'");
});

const INPUTS = 3072;

/** Ten rows of weights and a bias, trained by stochastic gradient descent on the cross entropy. */
function softmaxRegression(data: ImageDataset, epochs: number, rate: number): Float64Array {
  const weights = new Float64Array(10 * (INPUTS + 1));
  const random = new RandomStream('linear');
  const order = Int32Array.from({ length: data.length }, (_, i) => i);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const i of random.shuffle(order)) {
      const image = data.image(i);
      const p = scores(weights, image);
      const top = Math.max(...p);
      const e = p.map((s) => Math.exp(s - top));
      const sum = e.reduce((a, b) => a + b, 0);
      for (let k = 0; k < 10; k++) {
        const step = rate * (e[k] / sum - (k === data.label(i) ? 1 : 0));
        const row = k * (INPUTS + 1);
        for (let j = 0; j < INPUTS; j++) weights[row + j] -= step * (image[j] / 255 - 0.5);
        weights[row + INPUTS] -= step;
      }
    }
  }
  return weights;
}

function scores(weights: Float64Array, image: Uint8Array): number[] {
  const out: number[] = [];
  for (let k = 0; k < 10; k++) {
    const row = k * (INPUTS + 1);
    let sum = weights[row + INPUTS];
    for (let j = 0; j < INPUTS; j++) sum += weights[row + j] * (image[j] / 255 - 0.5);
    out.push(sum);
  }
  return out;
}

function argmax(values: number[]): number {
  return values.indexOf(Math.max(...values));
}
