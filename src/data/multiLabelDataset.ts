import { DataError, ShapeError } from '../base/errors.js';
import {
  checkImageShape,
  checkImages,
  checkIndex,
  type Dataset,
  type ImagePixels,
  type ImageShape,
  keptPixels,
} from './dataset.js';

/**
 * Images in one piece of memory, each of any number of classes: what is in a photograph, or what is wrong with it.
 *
 * `multiHot` has K values, 0 or 1, for each image: whether it is of that class. `fit` and `evaluate` then take each class as a question of its own.
 *
 * Throws `DataError` when `images` is not [length, ...shape] for as many images as `multiHot` has, or one of its values is neither 0 nor 1;
 * `ShapeError` when it does not have K values for each image.
 *
 * @example
 * const data = new MultiLabelDataset({ images, multiHot: [1, 0, 1, 1], shape: [3, 32, 32], classes: ['cat', 'dog'] });
 * data.multiHot(1); // Uint8Array [1, 1]: both
 */
export class MultiLabelDataset implements Dataset {
  /** [N, C, H, W]: bytes from 0 to 255, or floats. */
  readonly images: ImagePixels;
  /** Channels, height and width of the images. */
  readonly shape: ImageShape;
  readonly classes: readonly string[];
  /** How many images there are. */
  readonly length: number;
  readonly #values: Uint8Array;

  constructor(parts: {
    images: ImagePixels | Uint8ClampedArray;
    multiHot: ArrayLike<number>;
    shape: ImageShape;
    classes: readonly string[];
  }) {
    this.images = keptPixels('MultiLabelDataset: images', parts.images);
    this.shape = checkImageShape('MultiLabelDataset', parts.shape);
    this.classes = parts.classes;
    const { multiHot } = parts;
    this.length = multiHot.length / this.classes.length;
    if (!Number.isInteger(this.length)) {
      throw new ShapeError(
        `MultiLabelDataset: ${multiHot.length} multi-hot values are not ${this.classes.length} for each image, one per class.`,
      );
    }
    for (let i = 0; i < multiHot.length; i++) {
      if (multiHot[i] === 0 || multiHot[i] === 1) continue;
      throw new DataError(
        `MultiLabelDataset: the multi-hot value of image ${Math.floor(i / this.classes.length)} for class ${i % this.classes.length} is ${multiHot[i]}, but must be 0 or 1.`,
      );
    }
    this.#values = Uint8Array.from(multiHot);
    checkImages('MultiLabelDataset', this);
  }

  /** The pixels of image `i` [C, H, W], as a view of the data set's memory. */
  image(i: number): ImagePixels {
    checkIndex(i, this.length);
    const size = this.images.length / this.length;
    return this.images.subarray(i * size, (i + 1) * size);
  }

  /** The classes of image i: K values, 0 or 1. */
  multiHot(i: number): Uint8Array {
    checkIndex(i, this.length);
    return this.#values.subarray(i * this.classes.length, (i + 1) * this.classes.length);
  }

  /** The one class of image i. Throws `DataError` when it has several, or none. */
  label(i: number): number {
    const multiHot = this.multiHot(i);
    const first = multiHot.indexOf(1);
    if (first === -1 || multiHot.includes(1, first + 1)) {
      const count = multiHot.filter((value) => value === 1).length;
      throw new DataError(
        `MultiLabelDataset: image ${i} has ${count} classes, so no one label; ask for multiHot(${i}).`,
      );
    }
    return first;
  }
}
