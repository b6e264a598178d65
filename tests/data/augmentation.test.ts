import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/base/errors.js';
import { RandomStream } from '../../src/base/random.js';
import type { Image } from '../../src/data/image.js';
import * as everything from '../../src/data/transforms/index.js';
import {
  colorJitter,
  cutout,
  randAugment,
  randomAffine,
  randomCrop,
  randomErasing,
  randomGrayscale,
  randomRotation,
  randomScale,
  type Transform,
} from '../../src/data/transforms/index.js';
import { TRANSFORM_MAKERS, transformFrom } from '../../src/data/transforms/registry.js';
import { Spare } from '../../src/data/transforms/spare.js';
import { type SamplingOptions, warp } from '../../src/data/transforms/warp.js';
import { expectClose } from '../../testing/tolerance.js';

/** Values 1, 2, 3, ... or any others. */
const imageOf = (channels: number, height: number, width: number, value = (i: number): number => i + 1): Image => ({
  data: Float32Array.from({ length: channels * height * width }, (_, i) => value(i)),
  channels,
  height,
  width,
});

const colors = (height: number, width: number): Image =>
  imageOf(3, height, width, (i) => ((i * 2654435761) % 1000) / 1000);

/** A stream whose uniform numbers are those given, and from then on 0.5. */
const drawing = (...numbers: number[]): RandomStream => {
  const next = (): number => numbers.shift() ?? 0.5;
  return Object.assign(new RandomStream(''), { uniform: next, integer: (n: number) => Math.floor(n * next()) });
};

const any = new RandomStream('any');

describe('rotation, scale and shift by hand', () => {
  const nearest: SamplingOptions = { interpolation: 'nearest' };

  test.each<[string, Transform, number[]]>([
    ['a quarter turn counter-clockwise', randomRotation([90, 90], nearest), [3, 6, 9, 2, 5, 8, 1, 4, 7]],
    ['half a turn', randomRotation([180, 180]), [9, 8, 7, 6, 5, 4, 3, 2, 1]],
    ['a quarter turn clockwise', randomAffine({ degrees: [90, 90] }), [7, 4, 1, 8, 5, 2, 9, 6, 3]],
    ['enlarged twice', randomScale([2, 2]), [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]],
    ['to a third', randomScale([1 / 3, 1 / 3], nearest), [0, 0, 0, 0, 5, 0, 0, 0, 0]],
    ['sheared', randomAffine({ shear: [45, 45], ...nearest }), [0, 1, 2, 4, 5, 6, 8, 9, 0]],
  ])('%s', (_, transform, expected) => {
    expectClose(transform(imageOf(1, 3, 3), any).data, expected, 1e-5);
  });

  test('shifts are whole pixels, to the right and down', () => {
    const shift = randomAffine({ translate: 1 / 3 });
    // In order: angle, right, down, scale, shear, shear.
    expect([...shift(imageOf(1, 3, 3), drawing(0.5, 0.99, 0.5)).data]).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8]);
    expect([...shift(imageOf(1, 3, 3), drawing(0.5, 0.5, 0.01)).data]).toEqual([4, 5, 6, 7, 8, 9, 0, 0, 0]);
  });

  test('what lies outside is filled, mirrored or repeated', () => {
    const placement = { translate: [1, 0] } as const;
    const left = (sampling: SamplingOptions): number[] => {
      const { data } = warp(imageOf(2, 1, 3), placement, sampling, new Spare());
      return [data[0], data[3]];
    };
    expect(left({})).toEqual([0, 0]);
    expect(left({ fill: 7 })).toEqual([7, 7]);
    expect(left({ fill: [7, 8] })).toEqual([7, 8]);
    expect(left({ padding: 'reflect' })).toEqual([2, 5]);
    expect(left({ padding: 'replicate' })).toEqual([1, 4]);
    expect(() => left({ fill: [1, 2, 3] })).toThrow(ShapeError);
  });
});

test('any affine map: each pixel is found again where the map takes it', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      fc.double({ min: -40, max: 40, noNaN: true }),
      (angle, scale, lean) => {
        // A linear image: bilinear sampling is exact on it.
        const image = imageOf(1, 9, 9, (i) => (i % 9) + 10 * Math.floor(i / 9));
        const { data } = warp(image, { angle, scale, shear: [lean, 0] }, { fill: Number.NaN }, new Spare());
        const turn = (angle * Math.PI) / 180;
        const tan = Math.tan((lean * Math.PI) / 180);
        for (let q = -4; q <= 4; q++) {
          for (let p = -4; p <= 4; p++) {
            // Forward: where (q, p) of the image goes.
            const x = (q - tan * p) * scale;
            const y = p * scale;
            const [toX, toY] = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
            const [left, top] = [Math.floor(toX), Math.floor(toY)];
            if (left < -4 || top < -4 || left >= 4 || top >= 4) continue;
            // The linear values of the result around it meet the pixel's own value.
            const at = (dx: number, dy: number): number => data[(top + dy + 4) * 9 + left + dx + 4];
            const [u, v] = [toX - left, toY - top];
            const value = (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
            if (Number.isNaN(value)) continue;
            expect(Math.abs(value - (q + 4 + 10 * (p + 4)))).toBeLessThan(1e-4);
          }
        }
      },
    ),
  );
});

describe('erasing by hand', () => {
  test('cutout around a pixel in the middle, and in the corner', () => {
    expect([...cutout(2)(imageOf(1, 3, 3), drawing(0.5, 0.5)).data]).toEqual([0, 0, 3, 0, 0, 6, 7, 8, 9]);
    expect([...cutout(2)(imageOf(1, 3, 3), drawing(0, 0)).data]).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...cutout(1, { value: [7, 8] })(imageOf(2, 1, 2), drawing(0, 0)).data]).toEqual([7, 2, 8, 4]);
    const two = cutout(1, { count: 2 })(imageOf(1, 1, 3), drawing(0, 0, 0, 0.9));
    expect([...two.data]).toEqual([0, 2, 0]);
  });

  test('random erasing of a quarter', () => {
    const erase = randomErasing({ p: 1, scale: [0.25, 0.25], ratio: [1, 1], value: 9 });
    // In order: whether, area, aspect, top, left.
    expect([...erase(imageOf(1, 2, 2), drawing(0, 0, 0, 0.5, 0)).data]).toEqual([1, 2, 9, 4]);
  });

  test('a part larger than the image is not erased', () => {
    const erase = randomErasing({ p: 1, scale: [1, 1], ratio: [1, 1] });
    expect([...erase(imageOf(1, 2, 2), any).data]).toEqual([1, 2, 3, 4]);
  });

  test('the share of erased area and how often agree with what was asked for', () => {
    const random = new RandomStream('areas');
    const erase = randomErasing({ p: 0.5, scale: [0.1, 0.3], ratio: [0.5, 2] });
    let changed = 0;
    let share = 0;
    for (let i = 0; i < 400; i++) {
      const { data } = erase(imageOf(1, 32, 32), random);
      const black = data.filter((v) => v === 0).length / data.length;
      if (black > 0) {
        changed++;
        share += black;
        // Two sides rounded by up to half a pixel.
        expect(black).toBeGreaterThan(0.1 - 0.03);
        expect(black).toBeLessThan(0.3 + 0.03);
      }
    }
    // Binomial: 200 with a deviation of 10; five of those. The mean area is 0.2 with a deviation of 0.058 / sqrt(200).
    expect(Math.abs(changed - 200)).toBeLessThan(50);
    expect(Math.abs(share / changed - 0.2)).toBeLessThan(0.021);
  });

  test('random values fill each value of the part anew', () => {
    const { data } = cutout(40, { value: 'random' })(imageOf(3, 8, 8), new RandomStream('noise'));
    expect(new Set(data).size).toBeGreaterThan(185);
    expect(data.every((v) => v >= 0 && v < 1)).toBe(true);
  });
});

describe('colors', () => {
  test('brightness by hand', () => {
    const twice = colorJitter({ brightness: [2, 2] });
    expect([
      ...twice(
        imageOf(1, 1, 2, (i) => 0.25 + 0.5 * i),
        any,
      ).data,
    ]).toEqual([0.5, 1]);
  });

  test('a third of a turn of hue exchanges red, green and blue', () => {
    const turn = colorJitter({ hue: [1 / 3, 1 / 3] });
    expectClose(
      turn(
        imageOf(3, 1, 1, (i) => [0.75, 0.5, 0.25][i]),
        any,
      ).data,
      [0.25, 0.75, 0.5],
      1e-6,
    );
  });

  test('hue and saturation leave gray alone, and one channel', () => {
    const jitter = colorJitter({ hue: 0.5, saturation: 0.9 });
    const gray = imageOf(3, 2, 2, (i) => 0.1 + 0.2 * (i % 4));
    // The weights of the gray add up to 0.9999.
    expectClose(jitter(gray, any).data, imageOf(3, 2, 2, (i) => 0.1 + 0.2 * (i % 4)).data, 1e-4);
    expect([
      ...jitter(
        imageOf(1, 1, 2, () => 0.5),
        any,
      ).data,
    ]).toEqual([0.5, 0.5]);
  });

  test('all four come in every order', () => {
    const orders = new Set<string>();
    const jitter = colorJitter({ brightness: [0.5, 0.5], contrast: [2, 2] });
    const random = new RandomStream('orders');
    for (let i = 0; i < 40; i++) orders.add(jitter(colors(2, 2), random).data.join());
    expect(orders.size).toBe(2);
  });

  test('grayscale makes all channels equal, as often as asked', () => {
    const random = new RandomStream('gray');
    let gray = 0;
    for (let i = 0; i < 300; i++) {
      const { data } = randomGrayscale(0.2)(colors(1, 2), random);
      if (data[0] === data[2] && data[2] === data[4] && data[1] === data[5]) gray++;
    }
    // Binomial: 60 with a deviation of 7; five of those.
    expect(Math.abs(gray - 60)).toBeLessThan(35);
  });

  test('an image of two channels has no colors', () => {
    expect(() => colorJitter({ contrast: 0.5 })(imageOf(2, 1, 1), any)).toThrow(
      'contrast: the image has 2 channels, but colors need 3 (red, green, blue), or 1 (gray).',
    );
    expect(() => randomGrayscale(1)(imageOf(2, 1, 1), any)).toThrow(ShapeError);
  });
});

describe('RandAugment', () => {
  test('draws all fourteen, and both directions of those that have one', () => {
    const random = new RandomStream('ops');
    const augment = randAugment({ numOps: 1, magnitude: 20 });
    const results = new Set<string>();
    for (let i = 0; i < 600; i++) results.add(augment(colors(24, 24), random).data.slice(0, 400).join());
    // Nine have two directions, five have none; equalize and contrast change all others.
    expect(results.size).toBe(9 * 2 + 5);
  });

  test('at magnitude 0 the operations with a strength leave the image as it is', () => {
    const random = new RandomStream('none');
    const augment = randAugment({ numOps: 1, magnitude: 0 });
    const image = imageOf(3, 4, 4, (i) => ((i * 7) % 255) / 255);
    const original = [...image.data];
    let same = 0;
    for (let i = 0; i < 100; i++) {
      const { data } = augment({ ...image, data: image.data.slice() }, random);
      if (data.every((v, k) => Math.abs(v - original[k]) < 1e-6)) same++;
    }
    // Twelve of fourteen; autocontrast changes this image, equalize not one of 16 pixels.
    expect(same).toBeGreaterThan(80);
    expect(same).toBeLessThan(100);
  });

  test('keeps values between 0 and 1', () => {
    const random = new RandomStream('range');
    const augment = randAugment({ numOps: 3, magnitude: 30, padding: 'reflect' });
    for (let i = 0; i < 200; i++) {
      for (const v of augment(colors(6, 5), random).data) expect(v >= 0 && v <= 1 + 1e-6).toBe(true);
    }
  });
});

/** One of each, with options that are not the defaults. */
const examples: Record<string, Transform> = {
  alternatingFlip: everything.alternatingFlip(),
  centerCrop: everything.centerCrop([5, 8]),
  colorJitter: colorJitter({ brightness: 0.4, contrast: [0.5, 1], saturation: 0.3, hue: 0.1 }),
  compose: everything.compose(everything.translate(1), everything.compose(randomErasing())),
  cutout: cutout(3, { count: 2, value: 'random' }),
  normalize: everything.normalize([0.1, 0.2, 0.3], [1, 2, 3]),
  progressiveResize: everything.progressiveResize([[5, 8], 9, [5, 8]], { antialias: false }),
  randAugment: randAugment({ numOps: 3, magnitude: 12 }),
  randomAffine: randomAffine({
    degrees: 20,
    translate: [0.1, 0.3],
    scale: [0.8, 1.2],
    shear: [-5, 5, -9, 9],
    fill: 0.5,
  }),
  randomCrop: randomCrop(2, 'replicate'),
  randomErasing: randomErasing({ p: 1, value: [0.1, 0.2, 0.3] }),
  randomGrayscale: randomGrayscale(0.5),
  randomHorizontalFlip: everything.randomHorizontalFlip(0.3),
  randomResizedCrop: everything.randomResizedCrop([5, 8], { scale: [0.2, 0.9], ratio: [0.5, 3], antialias: false }),
  randomRotation: randomRotation(30, { padding: 'reflect' }),
  randomScale: randomScale([0.5, 2], { interpolation: 'nearest' }),
  randomVerticalFlip: everything.randomVerticalFlip(0.7),
  resize: everything.resize([5, 8], { antialias: false }),
  translate: everything.translate(3),
};

describe('every transform', () => {
  test('is in the registry, and has an example here', () => {
    const makers = Object.entries(everything)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => name);
    expect(Object.keys(TRANSFORM_MAKERS).sort()).toEqual(makers.sort());
    expect(Object.keys(examples).sort()).toEqual(makers);
  });

  test.each(Object.entries(examples))(
    '%s: made again from its description as JSON, the same bytes',
    (name, transform) => {
      expect(transform.spec?.name).toBe(name);
      const again = transformFrom(JSON.parse(JSON.stringify(transform.spec)));
      const one = new RandomStream(name);
      const other = new RandomStream(name);
      for (let index = 0; index < 8; index++) {
        const place = { epoch: 1, index, seed: 5 };
        expect(again(colors(6, 7), one, place)).toEqual(transform(colors(6, 7), other, place));
      }
    },
  );

  test.each(Object.entries(examples))('%s keeps the shape and reads no memory that it writes', (_, transform) => {
    const place = { epoch: 0, index: 3, seed: 5 };
    const once = transform(transform(colors(5, 8), new RandomStream('a'), place), new RandomStream('b'), place);
    const first = transform(colors(5, 8), new RandomStream('a'), place);
    const copy = transform({ ...first, data: first.data.slice() }, new RandomStream('b'), place);
    expect([once.channels, once.height, once.width, once.data.length]).toEqual([3, 5, 8, 120]);
    expect([...once.data]).toEqual([...copy.data]);
  });
});

test('options out of range are refused with their values', () => {
  const refused: [() => unknown, string][] = [
    [() => randomAffine({ rotate: 5 } as object), "randomAffine: there is no option 'rotate'"],
    [() => randomAffine({ degrees: -5 }), 'randomAffine: degrees is -5, but must be a number from 0 to 360'],
    [() => randomAffine({ translate: 1.5 }), 'translate is 1.5, but must be a share of the image between 0 and 1'],
    [() => randomScale([0, 1]), 'randomScale: scale is [0,1], but must be [least, most] within 0.001 and 1000.'],
    [() => randomAffine({ shear: 90 }), 'shear is 90'],
    [() => randomRotation(10, { interpolation: 'cubic' as 'nearest' }), "interpolation is 'cubic'"],
    [() => randomRotation(10, { padding: 'mirror' as 'zero' }), "padding is 'mirror'"],
    [() => randomRotation(10, { fill: Number.NaN }), 'fill is null'],
    [() => colorJitter({ hue: 0.6 }), 'colorJitter: hue is 0.6, but must be a number from 0 to 0.5'],
    [() => colorJitter({ contrast: [2, 1] }), 'contrast is [2,1]'],
    [() => everything.resize(0), 'resize: size is 0'],
    [
      () => everything.resize([3] as unknown as [number, number]),
      'size is [3], but must be a number or [height, width]',
    ],
    [() => everything.progressiveResize([]), 'progressiveResize: sizes is empty'],
    [() => everything.progressiveResize([8, 0]), 'size is 0'],
    [() => everything.centerCrop([3, 2.5]), 'centerCrop: size is 2.5'],
    [() => everything.randomResizedCrop(8, { scale: [0.5, 1.5] }), 'randomResizedCrop: scale is [0.5,1.5]'],
    [() => randomGrayscale(2), 'randomGrayscale: p is 2'],
    [() => cutout(0), 'cutout: size is 0'],
    [() => cutout(4, { value: 'noise' as 'random' }), 'cutout: value is "noise"'],
    [() => randomErasing({ scale: [0.5, 1.5] }), 'scale is [0.5,1.5]'],
    [() => randAugment({ magnitude: 31 }), 'magnitude is 31, but must lie between 0 and 30'],
    [() => transformFrom({ name: 'toString', parts: [], options: [] }), "there is no transform 'toString'"],
  ];
  for (const [make, message] of refused) {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  }
  expect(() => cutout(1, { value: [1, 2] })(imageOf(3, 1, 1), any)).toThrow('value has 2 numbers, but the image has 3');
});
