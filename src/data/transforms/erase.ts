import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../../base/errors.js';
import type { RandomStream } from '../../base/random.js';
import type { Image } from '../image.js';
import { checkInterval, checkProbability, type Interval, within } from './interval.js';
import { described, type Transform } from './transform.js';

/** What an erased part is filled with: one value, one for each channel, or one drawn from 0 to 1 for each value of the image. */
export type EraseValue = number | readonly number[] | 'random';

/** Options of `cutout`. */
export interface CutoutOptions {
  /** Squares an image. Default: 1. */
  count?: number | undefined;
  /** Default: 0, black. */
  value?: EraseValue | undefined;
}

/**
 * Erases a square of `size` pixels around a random pixel, in place; near the edge a part of it lies outside.
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `ShapeError` when `value` is a list that is not one a channel.
 *
 * Source: DeVries and Taylor 2017, "Cutout" (arXiv:1708.04552), section 3: 16 pixels for CIFAR-10, 8 for CIFAR-100.
 */
export function cutout(size: number, options: CutoutOptions = {}): Transform {
  checkOptions('cutout', options, ['count', 'value']);
  const { count = 1, value = 0 } = options;
  checkWhole('cutout', 'size', size, 1);
  checkWhole('cutout', 'count', count, 1);
  checkValue('cutout', value);
  const half = Math.floor(size / 2);
  return described('cutout', [size, options], (image, random) => {
    for (let k = 0; k < count; k++) {
      const top = random.integer(image.height) - half;
      const left = random.integer(image.width) - half;
      erase('cutout', image, { top, left, height: size, width: size }, value, random);
    }
    return image;
  });
}

/** Options of `randomErasing`. */
export interface RandomErasingOptions {
  /** How often an image is changed at all. Default: 0.5. */
  p?: number | undefined;
  /** The part's share of the image's area. Default: [0.02, 0.33]. */
  scale?: Interval | undefined;
  /** The part's height divided by its width, even in its logarithm. Default: [0.3, 3.3]. */
  ratio?: Interval | undefined;
  /** Default: 0, black. */
  value?: EraseValue | undefined;
}

/**
 * Erases a rectangle of random size, shape and place, in place. A rectangle that does not fit is drawn again, ten times at most.
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `ShapeError` when `value` is a list that is not one a channel.
 *
 * Source: Zhong et al. 2020, "Random Erasing Data Augmentation" (arXiv:1708.04896), algorithm 1, with torchvision's defaults.
 */
export function randomErasing(options: RandomErasingOptions = {}): Transform {
  checkOptions('randomErasing', options, ['p', 'scale', 'ratio', 'value']);
  const { p = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 } = options;
  checkProbability('randomErasing', p);
  const areas = checkInterval('randomErasing', 'scale', scale, [0, 1]);
  const [least, most] = checkInterval('randomErasing', 'ratio', ratio, [0.001, 1000]);
  const logarithms: Interval = [Math.log(least), Math.log(most)];
  checkValue('randomErasing', value);
  return described('randomErasing', [options], (image, random) => {
    if (random.uniform() >= p) return image;
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = image.height * image.width * within(random, areas);
      const aspect = Math.exp(within(random, logarithms));
      const height = Math.round(Math.sqrt(area * aspect));
      const width = Math.round(Math.sqrt(area / aspect));
      if (height >= image.height || width >= image.width) continue;
      const top = random.integer(image.height - height + 1);
      const left = random.integer(image.width - width + 1);
      return erase('randomErasing', image, { top, left, height, width }, value, random);
    }
    return image;
  });
}

/** Fills the part of `box` that lies inside the image. */
function erase(
  who: string,
  image: Image,
  box: { top: number; left: number; height: number; width: number },
  value: EraseValue,
  random: RandomStream,
): Image {
  const { data, channels, height, width } = image;
  if (typeof value === 'object' && value.length !== channels) {
    throw new ShapeError(`${who}: value has ${value.length} numbers, but the image has ${channels} channels.`);
  }
  const top = Math.max(0, box.top);
  const left = Math.max(0, box.left);
  const bottom = Math.min(height, box.top + box.height);
  const right = Math.min(width, box.left + box.width);
  for (let c = 0; c < channels; c++) {
    const paint = typeof value === 'object' ? value[c] : value;
    for (let h = top; h < bottom; h++) {
      const row = (c * height + h) * width;
      for (let i = row + left; i < row + right; i++) data[i] = paint === 'random' ? random.uniform() : paint;
    }
  }
  return image;
}

function checkValue(who: string, value: EraseValue): void {
  if (value === 'random' || (typeof value !== 'string' && [value].flat().every(Number.isFinite))) return;
  throw new ArgumentError(
    `${who}: value is ${JSON.stringify(value)}, but must be a number, one for each channel, or 'random'.`,
  );
}
