import { ShapeError } from './errors.js';

/**
 * What is true of N images, and in which form: one class index per image, or a multi-hot row of K zeros and ones where an image may have
 * any number of classes. `DataLoader` makes one for each batch, from what its data set is.
 *
 * @example
 * Targets.multiHot([1, 0, 1, 1, 1, 0], 3).length; // 2 images
 */
export class Targets {
  private constructor(
    /** The form of the values. */
    readonly kind: 'classIndices' | 'multiHot',
    /** N class indices, or N * K zeros and ones, image by image. */
    readonly values: Int32Array,
    /** How many values an image has: 1, or the number of classes K. */
    readonly perImage: number,
  ) {}

  /** One class index per image. */
  static classIndices(values: ArrayLike<number>): Targets {
    return new Targets('classIndices', asIntegers(values), 1);
  }

  /** K zeros and ones per image. Throws `ShapeError` when the values are not a multiple of K. */
  static multiHot(values: ArrayLike<number>, classes: number): Targets {
    if (!Number.isInteger(classes) || classes < 1 || values.length % classes !== 0) {
      throw new ShapeError(
        `Targets.multiHot: ${values.length} values are not ${classes} for each image, one per class.`,
      );
    }
    return new Targets('multiHot', asIntegers(values), classes);
  }

  /**
   * Targets of labels that do not say what they are: N values are class indices, a multiple of N is multi-hot.
   *
   * Throws `ShapeError` for any other number.
   */
  static fromLabels(labels: ArrayLike<number>, images: number): Targets {
    if (labels.length === images) return Targets.classIndices(labels);
    if (images > 0 && labels.length % images === 0) return Targets.multiHot(labels, labels.length / images);
    throw new ShapeError(
      `Targets.fromLabels: ${labels.length} labels for ${images} images; needs one class index per image, or as many zeros and ones for each as there are classes.`,
    );
  }

  /** How many images they belong to. */
  get length(): number {
    return this.values.length / this.perImage;
  }

  /** Those of the images from `from` up to, but without, `to`, as a view of the same memory. */
  slice(from: number, to: number): Targets {
    return this.with(this.values.subarray(from * this.perImage, to * this.perImage));
  }

  /** Other values in the same form. */
  with(values: Int32Array): Targets {
    return new Targets(this.kind, values, this.perImage);
  }
}

function asIntegers(values: ArrayLike<number>): Int32Array {
  return values instanceof Int32Array ? values : Int32Array.from(values);
}
