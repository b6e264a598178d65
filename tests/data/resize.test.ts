import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import type { Image } from '../../src/data/image.js';
import { DataLoader } from '../../src/data/loader.js';
import { synthetic } from '../../src/data/synthetic.js';
import { centerCrop, progressiveResize, randomResizedCrop, resize } from '../../src/data/transforms/index.js';

const any = new RandomStream('any');

const imageOf = (height: number, width: number, value: (p: number, q: number) => number): Image => ({
  data: Float32Array.from({ length: height * width }, (_, i) => value(Math.floor(i / width), i % width)),
  channels: 1,
  height,
  width,
});

const sides = fc.integer({ min: 1, max: 23 });

describe('resize', () => {
  test('by hand: to half the size the mean of four, to twice the size a quarter of the way', () => {
    const image = imageOf(2, 4, (p, q) => 10 * p + q);
    expect([...resize([1, 2], { antialias: false })(image, any).data]).toEqual([5.5, 7.5]);
    const { data } = resize([1, 4])(
      imageOf(1, 2, (_, q) => q),
      any,
    );
    expect([...data]).toEqual([0, 0.25, 0.75, 1]);
  });

  test.each([
    [4, [8, 12], [4, 6]],
    [4, [12, 8], [6, 4]],
    [1, [1, 9], [1, 9]],
  ])('one number, %i, is the shorter side: %j becomes %j', (size, [h, w], result) => {
    const { height, width } = resize(size)(
      imageOf(h, w, () => 0),
      any,
    );
    expect([height, width]).toEqual(result);
  });

  test('an even image stays even, whatever the sizes; the same size is the same image', () => {
    fc.assert(
      fc.property(sides, sides, sides, sides, fc.boolean(), (h, w, height, width, antialias) => {
        const even = resize([height, width], { antialias })(
          imageOf(h, w, () => 0.7),
          any,
        );
        for (const v of even.data) expect(Math.abs(v - 0.7)).toBeLessThan(1e-6);
        const image = imageOf(h, w, (p, q) => p * 31 + q);
        expect([...resize([h, w], { antialias })(image, any).data]).toEqual([...image.data]);
      }),
    );
  });
});

test('centerCrop: the middle, or zeros around', () => {
  const image = imageOf(3, 4, (p, q) => 4 * p + q + 1);
  expect([...centerCrop([1, 2])(image, any).data]).toEqual([6, 7]);
  expect([...centerCrop([5, 2])(image, any).data]).toEqual([0, 0, 2, 3, 6, 7, 10, 11, 0, 0]);
});

describe('randomResizedCrop', () => {
  const columns = imageOf(40, 60, (_, q) => q);
  const rows = imageOf(40, 60, (p) => p);

  /** What part of the image a draw saw: on a ramp the first and last values tell. */
  function box(
    size: number,
    seed: string,
    options: object,
  ): { left: number; top: number; width: number; height: number } {
    // Between two pixels a ramp is read exactly.
    const crop = randomResizedCrop(size, { ...options, antialias: false });
    const across = crop(columns, new RandomStream(seed)).data.slice();
    const down = crop(rows, new RandomStream(seed)).data.slice();
    const [stepX, stepY] = [
      across[size / 2] - across[size / 2 - 1],
      down[size * (size / 2)] - down[size * (size / 2 - 1)],
    ];
    const [width, height] = [stepX * size, stepY * size];
    const middleX = (across[size / 2] + across[size / 2 - 1]) / 2 + 0.5;
    const middleY = (down[size * (size / 2)] + down[size * (size / 2 - 1)]) / 2 + 0.5;
    return { left: middleX - width / 2, top: middleY - height / 2, width, height };
  }

  test('the part lies in the image and has an area and a shape within bounds', () => {
    const areas: number[] = [];
    for (let k = 0; k < 200; k++) {
      const b = box(8, `draw ${k}`, { scale: [0.1, 0.6], ratio: [0.5, 2] });
      expect(b.left).toBeGreaterThan(-1e-3);
      expect(b.top).toBeGreaterThan(-1e-3);
      expect(b.left + b.width).toBeLessThan(60.001);
      expect(b.top + b.height).toBeLessThan(40.001);
      // Sides are whole pixels: half a pixel of rounding on each.
      expect(b.width / b.height).toBeGreaterThan(0.5 * 0.92);
      expect(b.width / b.height).toBeLessThan(2 * 1.08);
      areas.push((b.width * b.height) / 2400);
    }
    expect(Math.min(...areas)).toBeGreaterThan(0.09);
    expect(Math.max(...areas)).toBeLessThan(0.63);
    expect(areas.reduce((a, b) => a + b) / areas.length).toBeCloseTo(0.35, 1);
  });

  test('takes the middle where no part of such a shape has that area', () => {
    const b = box(8, 'none', { scale: [1, 1], ratio: [1, 1] });
    expect([b.left, b.top, b.width, b.height].map((v) => Math.round(v))).toEqual([10, 0, 40, 40]);
  });
});

describe('progressiveResize', () => {
  const data = synthetic({ length: 6 });
  const sizesOf = (loader: DataLoader): number[] => Array.from(loader, ({ x }) => x.shape[3]);
  const loader = (workers = 0): DataLoader =>
    new DataLoader(data, { batchSize: 3, seed: 1, workers, transform: progressiveResize([8, [12, 16], 32]) });

  test('each epoch has its size, and the last one stays', () => {
    const images = loader();
    expect(Array.from({ length: 4 }, () => sizesOf(images))).toEqual([
      [8, 8],
      [16, 16],
      [32, 32],
      [32, 32],
    ]);
  });

  test('a resumed loader goes on with the size of its epoch', () => {
    const images = loader();
    sizesOf(images);
    for (const _ of images) break;
    const resumed = loader();
    resumed.restore(images.state());
    expect([sizesOf(resumed), sizesOf(resumed)]).toEqual([[16], [32, 32]]);
  });

  test('the images are those of resize', () => {
    const other = new DataLoader(data, { batchSize: 3, transform: resize(8) });
    const [one, two] = [loader(), other].map((images) => Array.from(images, ({ x }) => [...x.data]));
    expect(one).toEqual(two);
  });

  test('says that it needs an epoch', () => {
    const transform = progressiveResize([4]);
    const image = imageOf(8, 8, () => 0);
    expect(() => transform(image, any)).toThrow('progressiveResize: no epoch was passed to it');
    expect(transform(image, any, { epoch: 9, index: 0, seed: 0 }).width).toBe(4);
  });
});
