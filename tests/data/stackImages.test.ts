import { describe, expect, test } from 'vitest';
import { stackImages } from '../../src/data/index.js';
import { centerCrop, compose, normalize, resize } from '../../src/data/transforms/index.js';

describe('stackImages', () => {
  test('images of several sizes and kinds of numbers become one batch', () => {
    const x = stackImages(
      [
        { data: Uint8Array.of(0, 255, 51, 0), channels: 1, height: 2, width: 2 },
        { data: Uint8ClampedArray.of(255, 255, 255), channels: 1, height: 1, width: 3 },
        { data: Float32Array.of(0.5), channels: 1, height: 1, width: 1 },
      ],
      resize([1, 1]),
    );
    expect(x.shape).toEqual([3, 1, 1, 1]);
    expect(x.data[0]).toBeCloseTo((1 + 0.2) / 4, 6);
    expect([x.data[1], x.data[2]]).toEqual([1, 0.5]);
  });

  test('prepares photographs as classifiers want them, and leaves them alone', () => {
    const data = Uint8Array.from({ length: 3 * 30 * 40 }, (_, i) => (i < 1200 ? 255 : 0));
    const before = data.slice();
    const prepare = compose(resize(16), centerCrop(12), normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]));
    const x = stackImages([{ data, channels: 3, height: 30, width: 40 }], prepare);
    expect(x.shape).toEqual([1, 3, 12, 12]);
    for (const [i, v] of x.data.entries()) expect(v).toBeCloseTo(i < 144 ? 1 : -1, 5);
    expect(data).toEqual(before);
  });

  test('without a transform floats stay as they are', () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect([...stackImages([{ data, channels: 1, height: 2, width: 2 }]).data]).toEqual([1, 2, 3, 4]);
  });

  test('says what does not fit', () => {
    const image = (height: number, width: number, length = height * width) => ({
      data: new Uint8Array(length),
      channels: 1,
      height,
      width,
    });
    expect(() => stackImages([])).toThrow('stackImages: there is no image.');
    expect(() => stackImages([image(2, 2), image(2, 3)])).toThrow(
      'stackImages: image 1 is [1, 2, 3], but image 0 is [1, 2, 2]. Pass a transform',
    );
    expect(() => stackImages([image(2, 2, 5)])).toThrow('stackImages: image 0 has 5 values, but [1, 2, 2] needs 4.');
  });
});
