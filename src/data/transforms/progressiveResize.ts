import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { type ImageSize, type ResizeOptions, resize } from './resize.js';
import { described, type Transform } from './transform.js';

/**
 * Scales the images of each epoch to a size of its own: `sizes[0]` in the first epoch, and so on; the last one stays. A network that
 * ends in a global average takes any size, and learns most of what it learns from small images, for a part of the work: 16x16 pixels
 * cost a quarter of 32x32. End with the size that the network is to classify.
 *
 * Throws `ArgumentError` when there is no size, or one that `resize` refuses; and when it is called without a place, which a
 * `DataLoader` gives.
 *
 * Source: Howard 2018 (fast.ai's entry to DAWNBench); Tan and Le 2021, "EfficientNetV2" (arXiv:2104.00298), section 4.
 *
 * @example
 * compose(alternatingFlip(), translate(2), progressiveResize([16, 16, 24, 24, 32])); // from the fifth epoch on 32x32
 */
export function progressiveResize(sizes: readonly ImageSize[], options: ResizeOptions = {}): Transform {
  checkOptions('progressiveResize', options, ['antialias']);
  if (sizes.length === 0) throw new ArgumentError('progressiveResize: sizes is empty; give the size of each epoch.');
  const resizes = sizes.map((size) => resize(size, options));
  return described('progressiveResize', [sizes, options], (image, random, place) => {
    if (place === undefined) {
      throw new ArgumentError(
        'progressiveResize: no epoch was passed to it. Call it as transform(image, random, place), as the DataLoader does.',
      );
    }
    return resizes[Math.min(place.epoch, resizes.length - 1)](image, random, place);
  });
}
