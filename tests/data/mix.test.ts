import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { cutmix, mixup, oneOf } from '../../src/data/mix.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Image n is full of the number n, and so is its label. */
const batch = (n: number, side = 8): { x: Tensor; labels: Int32Array } => ({
  x: Tensor.from(
    Float32Array.from({ length: n * 2 * side * side }, (_, i) => Math.floor(i / (2 * side * side))),
    [n, 2, side, side],
  ),
  labels: Int32Array.from({ length: n }, (_, i) => i),
});

describe('mixup', () => {
  test('each image is a blend of the two that its labels name', () => {
    const random = new RandomStream('mixup');
    for (let i = 0; i < 20; i++) {
      const { x, labels, otherLabels, share } = mixup({ alpha: 1 })(batch(5), random);
      expect([...otherLabels].sort()).toEqual([0, 1, 2, 3, 4]);
      for (let n = 0; n < 5; n++) {
        const want = Math.fround(share * labels[n] + (1 - share) * otherLabels[n]);
        expect(new Set(x.data.subarray(n * 128, (n + 1) * 128))).toEqual(new Set([want]));
      }
    }
  });

  test.each([0.2, 1, 4])('shares are Beta(%d, alpha) numbers: mean and variance', (alpha) => {
    const random = new RandomStream(`beta ${alpha}`);
    const shares = Array.from({ length: 4000 }, () => mixup({ alpha })(batch(1, 1), random).share);
    const mean = shares.reduce((sum, v) => sum + v, 0) / 4000;
    const variance = shares.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4000;
    const exact = 1 / (4 * (2 * alpha + 1));
    // Five deviations of the mean of 4,000, and of a variance of numbers between 0 and 1.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(exact / 4000));
    expect(Math.abs(variance - exact)).toBeLessThan(5 * Math.sqrt(exact / 4 / 4000));
  });
});

describe('cutmix', () => {
  test('a rectangle is of the other image, and the share is the area of the rest', () => {
    const random = new RandomStream('cutmix');
    let cut = 0;
    for (let i = 0; i < 30; i++) {
      const { x, labels, otherLabels, share } = cutmix()(batch(4), random);
      for (let n = 0; n < 4; n++) {
        if (labels[n] === otherLabels[n]) continue;
        for (const channel of [0, 1]) {
          const plane = [...x.data.subarray((2 * n + channel) * 64, (2 * n + channel + 1) * 64)];
          const places = plane.flatMap((v, at) => (v === otherLabels[n] ? [at] : []));
          expect(places.length).toBe(Math.round((1 - share) * 64));
          expect(plane.filter((v) => v === labels[n]).length).toBe(64 - places.length);
          const rows = new Set(places.map((at) => at >> 3));
          const columns = new Set(places.map((at) => at & 7));
          expect(rows.size * columns.size).toBe(places.length);
          cut += places.length;
        }
      }
    }
    expect(cut).toBeGreaterThan(0);
  });
});

test('oneOf takes each in turn by chance', () => {
  const random = new RandomStream('one');
  let first = 0;
  const given = batch(1, 1);
  const mixes = [1, 0].map((share) => () => ({ ...given, otherLabels: given.labels, share }));
  for (let i = 0; i < 400; i++) first += oneOf(...mixes)(given, random).share;
  // Binomial: 200 with a deviation of 10; five of those.
  expect(Math.abs(first - 200)).toBeLessThan(50);
});

test('options out of range get a sentence', () => {
  expect(() => mixup({ alpha: 0 })).toThrow('mixup: alpha is 0');
  expect(() => cutmix({ alpha: Number.NaN })).toThrow('cutmix: alpha is NaN');
  expect(() => mixup({ alfa: 1 } as object)).toThrow("mixup: there is no option 'alfa'. Did you mean 'alpha'?");
  const flat = { x: Tensor.zeros([2, 3]), labels: Int32Array.of(0, 1) };
  expect(() => cutmix()(flat, new RandomStream(''))).toThrow('cutmix: x [2, 3] is not a batch of images [N, C, H, W].');
  expect(() => oneOf()).toThrow('nothing to choose from');
});
