import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Image } from '../image.js';
import { checkInterval, type Interval } from './interval.js';
import { randomBox } from './randomBox.js';
import { type Box, Resampler } from './resample.js';
import { Spare } from './spare.js';
import { described, type Transform } from './transform.js';

/** [height, width]; one number is both, or for `resize` the shorter side. */
export type ImageSize = number | readonly [height: number, width: number];

/** Options of `resize`. */
export interface ResizeOptions {
  /** Averages over all pixels that a pixel of a smaller result covers. Default: true. */
  antialias?: boolean | undefined;
}

/** Options of `randomResizedCrop`. */
export interface RandomResizedCropOptions extends ResizeOptions {
  /** The share of the image's area that the part has. Default: [0.08, 1]. */
  scale?: Interval | undefined;
  /** Width by height of the part. Default: [3 / 4, 4 / 3]. */
  ratio?: Interval | undefined;
}

/**
 * Scales the image to `size`: one number for the shorter side, with the other in proportion, or [height, width]. Bilinear; the values are those of
 * torchvision's `resize` with `antialias=True`.
 *
 * @example
 * const forClassifiers = compose(resize(256), centerCrop(224), normalize(mean, std));
 */
export function resize(size: ImageSize, options: ResizeOptions = {}): Transform {
  checkOptions('resize', options, ['antialias']);
  checkSize('resize', size);
  const { antialias = true } = options;
  const resampler = new Resampler();
  return described('resize', [size, options], (image) => {
    const [height, width] = typeof size === 'number' ? inProportion(image, size) : size;
    if (height === image.height && width === image.width) return image;
    return resampler.scale(image, whole(image), height, width, antialias);
  });
}

/** Cuts out the middle; where the image is smaller, it lies in the middle of zeros. */
export function centerCrop(size: ImageSize): Transform {
  checkSize('centerCrop', size);
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const spare = new Spare();
  return described('centerCrop', [size], (image) => {
    const [top, left] = [middle(image.height, height), middle(image.width, width)];
    return cutOut(image, { top, left, height, width }, spare);
  });
}

/**
 * Cuts out a part of random area and shape at a random place, and scales it to `size`: what networks for ImageNet are trained with.
 *
 * Source: Szegedy et al. 2015 (arXiv:1409.4842), section 6; drawn as torchvision's `RandomResizedCrop` does.
 */
export function randomResizedCrop(size: ImageSize, options: RandomResizedCropOptions = {}): Transform {
  checkOptions('randomResizedCrop', options, ['scale', 'ratio', 'antialias']);
  checkSize('randomResizedCrop', size);
  const { antialias = true } = options;
  const scale = checkInterval('randomResizedCrop', 'scale', options.scale ?? [0.08, 1], [0, 1]);
  const ratio = checkInterval('randomResizedCrop', 'ratio', options.ratio ?? [3 / 4, 4 / 3], [0.001, 1000]);
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  const resampler = new Resampler();
  return described('randomResizedCrop', [size, options], (image, random) =>
    resampler.scale(image, randomBox(image, scale, ratio, random), height, width, antialias),
  );
}

function cutOut({ data: x, channels, height: H, width: W }: Image, box: Box, spare: Spare): Image {
  const { top, left, height, width } = box;
  const y = spare.beside(x, channels * height * width).fill(0);
  const [from, to] = [Math.max(0, left), Math.min(W, left + width)];
  for (let c = 0; c < channels; c++) {
    for (let p = Math.max(0, -top); p < height && top + p < H; p++) {
      const row = (c * H + top + p) * W;
      y.set(x.subarray(row + from, row + to), (c * height + p) * width + from - left);
    }
  }
  return { data: y, channels, height, width };
}

/** The shorter side is `size`. */
function inProportion({ height, width }: Image, size: number): [height: number, width: number] {
  return height <= width
    ? [size, Math.max(1, Math.floor((size * width) / height))]
    : [Math.max(1, Math.floor((size * height) / width)), size];
}

function whole({ height, width }: Image): Box {
  return { top: 0, left: 0, height, width };
}

/** Where the middle begins, below 0 where the image is smaller. Halves as in torchvision: to the even number, and the smaller half outside. */
function middle(size: number, part: number): number {
  const half = (size - part) / 2;
  if (Number.isInteger(half)) return half;
  return half < 0 ? Math.ceil(half) : 2 * Math.round(half / 2);
}

function checkSize(who: string, size: ImageSize): void {
  const sides = typeof size === 'number' ? [size] : size;
  if (typeof size !== 'number' && sides.length !== 2) {
    throw new ArgumentError(`${who}: size is ${JSON.stringify(size)}, but must be a number or [height, width].`);
  }
  for (const side of sides) checkWhole(who, 'size', side, 1);
}
