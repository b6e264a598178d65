import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { checkInterval, type Interval, intervalAround, within } from './interval.js';
import { Spare } from './spare.js';
import { described, type Transform } from './transform.js';
import { checkSampling, SAMPLING_OPTIONS, type SamplingOptions, warp } from './warp.js';

/** Options of `randomAffine`. */
export interface RandomAffineOptions extends SamplingOptions {
  /** Rotation in degrees, clockwise: up to so many each way, or [least, most]. Default: 0. */
  degrees?: number | Interval | undefined;
  /** The longest shift to the sides and up or down, as a share of width and height; whole pixels are drawn. Default: 0. */
  translate?: number | readonly [horizontal: number, vertical: number] | undefined;
  /** Enlargement: [least, most]. Default: [1, 1]. */
  scale?: Interval | undefined;
  /** Degrees by which the sides lean, [least, most] for those up and down and then for the others; one number stands for so many each way. Default: 0. */
  shear?: number | Interval | readonly [leastX: number, mostX: number, leastY: number, mostY: number] | undefined;
}

const ANGLES: Interval = [-360, 360];
const LEANS: Interval = [-89, 89];

/**
 * Rotates, scales, shears and shifts an image about its center, by amounts drawn evenly from the ranges given.
 *
 * Throws `ArgumentError` for options that are unknown or out of range.
 *
 * Source: the map is torchvision's `RandomAffine`, which shears first, then scales, rotates and shifts.
 *
 * @example
 * const augment = randomAffine({ degrees: 15, translate: 0.1, scale: [0.9, 1.1], padding: 'reflect' });
 */
export function randomAffine(options: RandomAffineOptions): Transform {
  checkOptions('randomAffine', options, ['degrees', 'translate', 'scale', 'shear', ...SAMPLING_OPTIONS]);
  return affine('randomAffine', [options], options);
}

/**
 * Rotates about the center, counter-clockwise, by up to `degrees` each way, or between two angles.
 *
 * Throws `ArgumentError` for options that are unknown or out of range.
 */
export function randomRotation(degrees: number | Interval, sampling: SamplingOptions = {}): Transform {
  checkOptions('randomRotation', sampling, SAMPLING_OPTIONS);
  const [least, most] = intervalAround('randomRotation', 'degrees', degrees, 0, ANGLES);
  return affine('randomRotation', [degrees, sampling], { ...sampling, degrees: [-most, -least] });
}

/**
 * Enlarges or shrinks about the center, by a factor between `least` and `most`; the image keeps its size.
 *
 * Throws `ArgumentError` for options that are unknown or out of range.
 *
 * @example
 * const augment = randomScale([0.8, 1.25], { padding: 'reflect' });
 */
export function randomScale(scale: Interval, sampling: SamplingOptions = {}): Transform {
  checkOptions('randomScale', sampling, SAMPLING_OPTIONS);
  return affine('randomScale', [scale, sampling], { ...sampling, scale });
}

function affine(name: string, given: readonly unknown[], options: RandomAffineOptions): Transform {
  const { degrees = 0, translate = 0, scale = [1, 1], shear = 0 } = options;
  const angles = intervalAround(name, 'degrees', degrees, 0, ANGLES);
  const shares = typeof translate === 'number' ? [translate, translate] : translate;
  if (shares.length !== 2 || !shares.every((share) => share >= 0 && share <= 1)) {
    throw new ArgumentError(
      `${name}: translate is ${JSON.stringify(translate)}, but must be a share of the image between 0 and 1, or [horizontal, vertical].`,
    );
  }
  checkInterval(name, 'scale', scale, [0.001, 1000]);
  const isFour = typeof shear !== 'number' && shear.length === 4;
  const leanX = intervalAround(name, 'shear', isFour ? [shear[0], shear[1]] : (shear as number | Interval), 0, LEANS);
  const leanY = intervalAround(name, 'shear', isFour ? [shear[2], shear[3]] : 0, 0, LEANS);
  checkSampling(name, options);
  const spare = new Spare();
  return described(name, given, (image, random) => {
    const angle = within(random, angles);
    const right = Math.round(image.width * within(random, [-shares[0], shares[0]]));
    const down = Math.round(image.height * within(random, [-shares[1], shares[1]]));
    const placement = {
      angle,
      translate: [right, down],
      scale: within(random, scale),
      shear: [within(random, leanX), within(random, leanY)],
    } as const;
    return warp(image, placement, options, spare);
  });
}
