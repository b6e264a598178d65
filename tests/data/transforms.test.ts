import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/base/errors.js';
import { RandomStream } from '../../src/base/random.js';
import { chwToHwc, cropView, flipView, hwcToChw, pixelsOf, viewChw } from '../../src/data/hwc.js';
import { type Image, toFloat } from '../../src/data/image.js';
import {
  type CropPadding,
  compose,
  normalize,
  randomCrop,
  randomHorizontalFlip,
  randomVerticalFlip,
  translate,
} from '../../src/data/transforms/index.js';

const imageOf = (channels: number, height: number, width: number): Image => ({
  data: Float32Array.from({ length: channels * height * width }, (_, i) => i + 1),
  channels,
  height,
  width,
});

/** A stream that gives the shifts asked for: what randomCrop(padding) draws is shift + padding. */
const shifting = (padding: number, ...shifts: number[]): RandomStream =>
  Object.assign(new RandomStream(''), { integer: () => (shifts.shift() ?? 0) + padding });

test('bytes become 0 to 1, each the nearest float32 to k / 255', () => {
  const floats = toFloat(Uint8Array.from({ length: 256 }, (_, k) => k));
  expect([...floats]).toEqual(Array.from(floats, (_, k) => Math.fround(k / 255)));
  expect([...toFloat(Float32Array.of(-3, 7))]).toEqual([-3, 7]);
  expect(() => toFloat(new Uint8Array(3), new Float32Array(4))).toThrow(ShapeError);
});

test('normalize by hand', () => {
  const image = imageOf(2, 1, 2);
  expect([...normalize([1, 2], [1, 2])(image, new RandomStream('')).data]).toEqual([0, 1, 0.5, 1]);
  expect(() => normalize([1], [0])).toThrow(ArgumentError);
  expect(() => normalize([1], [1])(imageOf(2, 1, 1), new RandomStream(''))).toThrow(
    'has 2 channels, but mean and std have 1',
  );
});

test.each<[CropPadding, number, number, number[]]>([
  ['zero', 0, 0, [1, 2, 3, 4, 5, 6]],
  ['zero', 1, 0, [4, 5, 6, 0, 0, 0]],
  ['zero', 0, -1, [0, 1, 2, 0, 4, 5]],
  ['replicate', -1, 2, [3, 3, 3, 3, 3, 3]],
  ['reflect', 1, 1, [5, 6, 5, 2, 3, 2]],
  ['reflect', -2, -2, [3, 2, 1, 6, 5, 4]],
])('randomCrop with %s shifted by %i, %i', (mode, down, right, expected) => {
  expect([...randomCrop(2, mode)(imageOf(1, 2, 3), shifting(2, down, right)).data]).toEqual(expected);
});

test('translate is a crop whose padding is the mirror', () => {
  expect([...translate(2)(imageOf(1, 2, 3), shifting(2, 1, 1)).data]).toEqual([5, 6, 5, 2, 3, 2]);
  expect(() => translate(-1)).toThrow('translate: pixels is -1');
});

test('a vertical flip by hand', () => {
  expect([...randomVerticalFlip(1)(imageOf(2, 2, 2), new RandomStream('')).data]).toEqual([3, 4, 1, 2, 7, 8, 5, 6]);
});

test('transforms say how to make them again', () => {
  expect(compose(translate(2), randomHorizontalFlip()).spec).toEqual({
    name: 'compose',
    parts: [
      { name: 'translate', parts: [], options: [2, 'reflect'] },
      { name: 'randomHorizontalFlip', parts: [], options: [0.5] },
    ],
    options: [],
  });
  expect(compose(translate(2), (image) => image).spec).toBeUndefined();
});

test('every shift of a crop is about equally likely', () => {
  const random = new RandomStream('shifts');
  const counts = new Map<number, number>();
  for (let i = 0; i < 900; i++) {
    const { data } = randomCrop(1)({ ...imageOf(1, 3, 3) }, random);
    counts.set(data[4], (counts.get(data[4]) ?? 0) + 1);
  }
  expect(counts.size).toBe(9);
  // 100 each, binomial with a deviation of 9.4: five of those.
  for (const n of counts.values()) expect(Math.abs(n - 100)).toBeLessThan(47);
});

test('a crop applied twice in one chain does not read what it writes', () => {
  const crop = randomCrop(1, 'replicate');
  const twice = compose(crop, crop)(imageOf(1, 1, 4), shifting(1, 0, 1, 0, 1));
  expect([...twice.data]).toEqual([3, 4, 4, 4]);
});

test('a flip with p = 1 is the mirrored view, twice is nothing, p = 0 is nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (c, h, w) => {
        const random = new RandomStream('');
        const original = imageOf(c, h, w).data;
        const flipped = randomHorizontalFlip(1)(imageOf(c, h, w), random).data;
        expect(flipped).toEqual(pixelsOf(flipView(viewChw(original, [c, h, w]))));
        expect(randomHorizontalFlip(1)({ ...imageOf(c, h, w), data: flipped.slice() }, random).data).toEqual(original);
        expect(randomHorizontalFlip(0)(imageOf(c, h, w), random).data).toEqual(original);
      },
    ),
  );
});

test('options out of range are refused', () => {
  expect(() => randomHorizontalFlip(2)).toThrow('p is 2');
  expect(() => randomCrop(-1)).toThrow('padding is -1');
  expect(() => randomCrop(1, 'mirror' as 'zero')).toThrow("mode is 'mirror'");
});

describe('views', () => {
  test('HWC to CHW by hand, and back', () => {
    const hwc = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect([...hwcToChw(hwc, [3, 1, 2])]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(chwToHwc(hwcToChw(hwc, [3, 1, 2]), [3, 1, 2])).toEqual(hwc);
    expect(() => hwcToChw(hwc, [3, 2, 2])).toThrow(/6 values are not an image of \[3, 2, 2\]/);
  });

  test('a crop is the window it says', () => {
    const view = cropView(viewChw(imageOf(2, 3, 3).data, [2, 3, 3]), 1, 0, 2, 2);
    expect([...pixelsOf(view)]).toEqual([4, 5, 7, 8, 13, 14, 16, 17]);
    expect(() => cropView(viewChw(imageOf(1, 3, 3).data, [1, 3, 3]), 2, 0, 2, 2)).toThrow(
      'a window of 2 x 2 at (2, 0) sticks out of the image of 3 x 3',
    );
  });
});
