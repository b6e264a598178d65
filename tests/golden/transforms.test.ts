import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { type Image, toFloat } from '../../src/data/image.js';
import { randomRotation } from '../../src/data/transforms/affine.js';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  toGray,
} from '../../src/data/transforms/color.js';
import { RAND_AUGMENT_OPERATIONS } from '../../src/data/transforms/randAugment.js';
import { Resampler } from '../../src/data/transforms/resample.js';
import { centerCrop, resize } from '../../src/data/transforms/resize.js';
import { Spare } from '../../src/data/transforms/spare.js';
import { adjustSharpness, autoContrast, equalize, posterize, solarize } from '../../src/data/transforms/tone.js';
import { warp } from '../../src/data/transforms/warp.js';
import { expectClose } from '../../testing/tolerance.js';
import { formula } from './formula.js';

interface Case {
  name: string;
  shape: [number, number, number];
  // biome-ignore lint/suspicious/noExplicitAny: the options of different transforms, straight from JSON
  told: any;
  output?: number[];
  bytes?: number[];
}

const cases: Case[] = JSON.parse(readFileSync(new URL('transforms.json', import.meta.url), 'utf8'));

const bytesOf = (shape: Case['shape']): Uint8Array => Uint8Array.from(formula(shape, 1, 0, 256), Math.floor);

const any = new RandomStream('');

// biome-ignore lint/suspicious/noExplicitAny: as above
const calls: Record<string, (image: Image, told: any) => Image> = {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  toGray,
  autoContrast,
  equalize,
  posterize,
  solarize,
  warp: (image, { placement, sampling }) => warp(image, placement, sampling, new Spare()),
  randomRotation: (image, degrees) => randomRotation([degrees, degrees])(image, new RandomStream('')),
  resize: (image, { size, ...options }) => resize(size, options)(image, any),
  centerCrop: (image, { size }) => centerCrop(size)(image, any),
  resized_crop: (image, { box: [top, left, height, width], size }) =>
    new Resampler().scale(image, { top, left, height, width }, size[0], size[1], true),
  RandAugment: (image, { operation, sign }) =>
    RAND_AUGMENT_OPERATIONS[operation](image, { level: 20 / 30, sign, sampling: {}, spare: new Spare() }),
};

it.each(cases.map((c) => [`${c.name} ${JSON.stringify(c.told)} of [${c.shape}]`, c] as const))('%s', (_, c) => {
  let bytes = bytesOf(c.shape);
  if (c.told?.of === 'x // 3 + 40') bytes = bytes.map((byte) => Math.floor(byte / 3) + 40);
  const [channels, height, width] = c.shape;
  const { data } = calls[c.name]({ data: toFloat(bytes), channels, height, width }, c.told);
  if (c.bytes !== undefined) {
    for (let i = 0; i < data.length; i++) expect(data[i], `value ${i}`).toBe(Math.fround(c.bytes[i] / 255));
  } else {
    // PyTorch computes in float32, places between pixels from float32 coordinates up to 1 with sizes up to 6: 6 ulp of 1, and
    // a few for the colors.
    expectClose(data, c.output!, 1.5e-6);
  }
});

it('the golden values cover the fourteen operations of RandAugment', () => {
  const covered = cases.filter(({ name }) => name === 'RandAugment').map(({ told }) => told.operation);
  expect([...new Set(covered)].sort()).toEqual(Object.keys(RAND_AUGMENT_OPERATIONS).sort());
  expect(new Set(covered).size).toBe(14);
});
