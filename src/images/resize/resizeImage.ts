import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { checkImage, type RgbImage } from '../image.js';
import type { Box } from './box.js';
import { curves, type ResizeFilter } from './filters.js';
import { resampleNearest } from './nearest.js';
import { resampleHeight, resampleWidth } from './passes.js';
import { premultiply, unpremultiply } from './premultiply.js';
import { hasSimd, resampleSimd } from './simd.js';
import { makeTaps } from './taps.js';
import { type SizeOptions, targetSize } from './targetSize.js';

/** Options of `resizeImage`. */
export interface ResizeImageOptions extends SizeOptions {
  /** Default 'bilinear'. All but 'nearest' weigh every pixel that an output pixel covers, so nothing is skipped when the image shrinks. */
  filter?: ResizeFilter | undefined;
  /** The part of the image to resize: left, top, right, bottom in pixels, fractions too. Default: all of it. */
  box?: Box | undefined;
}

const OPTIONS = ['width', 'height', 'shortSide', 'mode', 'filter', 'box'];

/**
 * Resizes an image of bytes. The result is the same as that of Pillow's `Image.resize`, to the last bit, for every filter, size and box.
 *
 * Colors of transparent pixels count by their alpha. `resize` of `stridenet/transforms`, which works on floats of 0 to 1, follows torchvision's
 * path for tensors: there, shrinking without antialiasing skips pixels, nothing is rounded, and so the values differ.
 *
 * Throws `ArgumentError` for a size, filter or box that makes no sense, `ShapeError` when the data does not fill the image.
 *
 * Numerics: weights are multiples of 2^-22 and sums whole numbers: along the width, rounded to bytes, then along the height.
 *
 * @example
 * const small = await resizeImage(image, { shortSide: 256 }); // 4000 x 3000 -> 341 x 256
 */
export async function resizeImage<T extends RgbImage>(
  image: T,
  options: ResizeImageOptions,
): Promise<T & { data: Uint8Array; channels: number }> {
  checkOptions('resizeImage', options, OPTIONS);
  const channels = checkImage('resizeImage', image);
  const { filter = 'bilinear' } = options;
  if (filter !== 'nearest' && !Object.hasOwn(curves, filter)) {
    const names = ['nearest', ...Object.keys(curves)].join(', ');
    throw new ArgumentError(`resizeImage: there is no filter '${String(filter)}'. The filters are ${names}.`);
  }
  const part = options.box === undefined ? undefined : checkBox(options.box, image);
  const size = part === undefined ? image : { width: part[2] - part[0], height: part[3] - part[1] };
  const target = targetSize(size, options);
  const [left, top] = part ?? [0, 0];
  const [l, t, r, b] = target.box;
  // Pillow holds the box in single precision.
  const box = [l + left, t + top, r + left, b + top].map(Math.fround) as unknown as Box;
  const data = resample(image, channels, filter, target.width, target.height, box);
  return { ...image, channels, width: target.width, height: target.height, data };
}

function checkBox(box: Box, image: RgbImage): Box {
  const [left, top, right, bottom] = box;
  const isInside = left >= 0 && top >= 0 && right <= image.width && bottom <= image.height;
  if (box.length !== 4 || !isInside || !(left < right) || !(top < bottom)) {
    const size = `${image.width} x ${image.height}`;
    throw new ArgumentError(`resizeImage: box is [${box}], but must be [left, top, right, bottom] inside of ${size}.`);
  }
  return box;
}

function resample(
  image: RgbImage,
  channels: number,
  filter: ResizeFilter,
  width: number,
  height: number,
  box: Box,
): Uint8Array {
  const isSame = width === image.width && height === image.height;
  if (isSame && box[0] === 0 && box[1] === 0 && box[2] === width && box[3] === height)
    return new Uint8Array(image.data);
  if (filter === 'nearest') return resampleNearest(image, channels, width, height, box);
  const withAlpha = channels === 4;
  const data = withAlpha ? premultiply(image.data) : image.data;
  const resized = resampleBoth({ ...image, data }, channels, filter, width, height, box);
  return withAlpha ? unpremultiply(resized) : resized;
}

function resampleBoth(
  image: RgbImage,
  channels: number,
  filter: Exclude<ResizeFilter, 'nearest'>,
  width: number,
  height: number,
  box: Box,
): Uint8Array {
  const curve = curves[filter];
  const across = makeTaps(image.width, box[0], box[2], width, curve);
  const down = makeTaps(image.height, box[1], box[3], height, curve);
  const needsWidth = width !== image.width || box[0] !== 0 || box[2] !== width;
  const needsHeight = height !== image.height || box[1] !== 0 || box[3] !== height;
  if (!needsWidth) return resampleHeight(image.data, image.width * channels, 0, down);
  // Only the rows that the second pass reads.
  const begin = needsHeight ? down.first[0] : 0;
  const end = needsHeight ? down.first[height - 1] + down.count[height - 1] : image.height;
  if (needsHeight && hasSimd()) {
    const resized = resampleSimd(image, channels, begin, end, across, down);
    if (resized !== undefined) return resized;
  }
  const narrow = resampleWidth(image, channels, begin, end - begin, across);
  return needsHeight ? resampleHeight(narrow, width * channels, begin, down) : narrow;
}
