import { checkOptions } from '../../base/checkOptions.js';
import type { Image } from '../image.js';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, toGray } from './color.js';
import { checkProbability, type Interval, intervalAround, within } from './interval.js';
import { described, type Transform } from './transform.js';

/** Options of `colorJitter`. */
export interface ColorJitterOptions {
  /** Factor: 1 - b to 1 + b for a number b, or [least, most]. Default: 0. */
  brightness?: number | Interval | undefined;
  /** Factor of the distance from the image's mean gray, given like `brightness`. Default: 0. */
  contrast?: number | Interval | undefined;
  /** Factor of the distance from each pixel's gray, given like `brightness`. Default: 0. */
  saturation?: number | Interval | undefined;
  /** Turn of the color circle as a share of it, at most 0.5: up to so much each way, or [least, most]. Default: 0. */
  hue?: number | Interval | undefined;
}

/**
 * Changes brightness, contrast, saturation and hue by amounts drawn evenly, in a random order, in place. Values must lie between
 * 0 and 1 and stay there: normalize afterwards.
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `ShapeError` for images of other than 1 or 3 channels.
 *
 * Source: torchvision's `ColorJitter`, after Howard 2013 (arXiv:1312.5402), section 2.
 *
 * @example
 * const augment = colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.02 });
 */
export function colorJitter(options: ColorJitterOptions): Transform {
  checkOptions('colorJitter', options, ['brightness', 'contrast', 'saturation', 'hue']);
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
  const factor = (option: string, value: number | Interval): Interval =>
    intervalAround('colorJitter', option, value, 1, [0, 1000]);
  const all: readonly [adjust: (image: Image, amount: number) => Image, amounts: Interval, neutral: number][] = [
    [adjustBrightness, factor('brightness', brightness), 1],
    [adjustContrast, factor('contrast', contrast), 1],
    [adjustSaturation, factor('saturation', saturation), 1],
    [adjustHue, intervalAround('colorJitter', 'hue', hue, 0, [-0.5, 0.5]), 0],
  ];
  const used = all.filter(([, [least, most], neutral]) => least !== neutral || most !== neutral);
  return described('colorJitter', [options], (image, random) => {
    const order = random.shuffle(used.map((_, k) => k));
    for (const k of order) {
      const [adjust, amounts] = used[k];
      adjust(image, within(random, amounts));
    }
    return image;
  });
}

/**
 * Takes the colors away with probability `p`, in place; all channels remain, and are equal.
 *
 * Throws `ArgumentError` when p is no probability, `ShapeError` for images of other than 1 or 3 channels.
 */
export function randomGrayscale(p = 0.1): Transform {
  checkProbability('randomGrayscale', p);
  return described('randomGrayscale', [p], (image, random) => (random.uniform() < p ? toGray(image) : image));
}
