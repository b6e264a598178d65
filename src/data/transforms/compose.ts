import { describedWith, type Transform } from './transform.js';

/**
 * Applies transforms one after another.
 *
 * @example
 * const augment = compose(randomCrop(4), randomHorizontalFlip());
 */
export function compose(...transforms: readonly Transform[]): Transform {
  return describedWith('compose', transforms, [], (image, random, place) => {
    let result = image;
    for (const transform of transforms) result = transform(result, random, place);
    return result;
  });
}
