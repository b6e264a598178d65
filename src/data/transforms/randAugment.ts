import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Image } from '../image.js';
import { adjustBrightness, adjustContrast, adjustSaturation } from './color.js';
import { Spare } from './spare.js';
import { adjustSharpness, autoContrast, equalize, posterize, solarize } from './tone.js';
import { described, type Transform } from './transform.js';
import { checkSampling, type Placement, SAMPLING_OPTIONS, type SamplingOptions, warp } from './warp.js';

/** Options of `randAugment`. */
export interface RandAugmentOptions extends SamplingOptions {
  /** Operations an image. Default: 2. */
  numOps?: number | undefined;
  /** How strong they are, from 0 to numMagnitudeBins - 1. Default: 9. */
  magnitude?: number | undefined;
  /** Default: 31. */
  numMagnitudeBins?: number | undefined;
}

/** What an operation is told besides the image: its strength from 0 to 1, the sign of what has one, how to sample and where to write. */
interface Strength {
  level: number;
  sign: 1 | -1;
  sampling: SamplingOptions;
  spare: Spare;
}

type Operation = (image: Image, strength: Strength) => Image;

const move =
  (placement: (level: number, image: Image) => Placement): Operation =>
  (image, { level, sign, sampling, spare }) =>
    warp(image, placement(sign * level, image), sampling, spare);

/** The angle that shears by `slope` pixels a row. */
const lean = (slope: number): number => (Math.atan(slope) * 180) / Math.PI;

/** At full strength 150 of 331 pixels, as AutoAugment had it. */
const shiftOf = (level: number, size: number): number => Math.trunc((level * 150 * size) / 331);

/** The fourteen operations, by torchvision's names. */
export const RAND_AUGMENT_OPERATIONS: Readonly<Record<string, Operation>> = {
  Identity: (image) => image,
  ShearX: move((level) => ({ shear: [lean(0.3 * level), 0], about: 'corner' })),
  ShearY: move((level) => ({ shear: [0, lean(0.3 * level)], about: 'corner' })),
  TranslateX: move((level, { width }) => ({ translate: [shiftOf(level, width), 0] })),
  TranslateY: move((level, { height }) => ({ translate: [0, shiftOf(level, height)] })),
  Rotate: move((level) => ({ angle: -30 * level })),
  Brightness: (image, { level, sign }) => adjustBrightness(image, 1 + 0.9 * sign * level),
  Color: (image, { level, sign }) => adjustSaturation(image, 1 + 0.9 * sign * level),
  Contrast: (image, { level, sign }) => adjustContrast(image, 1 + 0.9 * sign * level),
  Sharpness: (image, { level, sign }) => adjustSharpness(image, 1 + 0.9 * sign * level),
  Posterize: (image, { level }) => posterize(image, 8 - Math.round(4 * level)),
  Solarize: (image, { level }) => solarize(image, 1 - level),
  AutoContrast: (image) => autoContrast(image),
  Equalize: (image) => equalize(image),
};

const operations = Object.values(RAND_AUGMENT_OPERATIONS);

/**
 * Applies `numOps` of fourteen operations, each drawn evenly and all of one strength: identity, shears, translations and
 * rotation, brightness, saturation, contrast, sharpness, posterize, solarize, autocontrast, equalize. Those with a direction go
 * either way. Values must lie between 0 and 1 and stay there: normalize afterwards.
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `ShapeError` for images of other than 1 or 3 channels.
 *
 * Numerics: images stay floats from one operation to the next; torchvision cuts them to bytes after each.
 *
 * Source: Cubuk et al. 2020, "RandAugment" (arXiv:1909.13719), section 3; the ranges of strength are torchvision's.
 *
 * @example
 * const augment = compose(randomCrop(4), randomHorizontalFlip(), randAugment({ magnitude: 5 }));
 */
export function randAugment(options: RandAugmentOptions = {}): Transform {
  checkOptions('randAugment', options, ['numOps', 'magnitude', 'numMagnitudeBins', ...SAMPLING_OPTIONS]);
  const { numOps = 2, magnitude = 9, numMagnitudeBins = 31 } = options;
  checkWhole('randAugment', 'numOps', numOps, 1);
  checkWhole('randAugment', 'numMagnitudeBins', numMagnitudeBins, 2);
  if (!(magnitude >= 0 && magnitude <= numMagnitudeBins - 1)) {
    throw new ArgumentError(
      `randAugment: magnitude is ${magnitude}, but must lie between 0 and ${numMagnitudeBins - 1}, one less than numMagnitudeBins.`,
    );
  }
  checkSampling('randAugment', options);
  const level = magnitude / (numMagnitudeBins - 1);
  // One for each turn: a turn reads what the one before it wrote.
  const spares = Array.from({ length: numOps }, () => new Spare());
  return described('randAugment', [options], (image, random) => {
    let result = image;
    for (const spare of spares) {
      const operation = operations[random.integer(operations.length)];
      const sign = random.uniform() < 0.5 ? 1 : -1;
      result = operation(result, { level, sign, sampling: options, spare });
    }
    return result;
  });
}
