import { checkOptions } from '../tensor/checkOptions.js';
import { ArgumentError, DataError } from '../tensor/errors.js';
import { RandomStream } from '../tensor/random.js';

/** Channels, height and width of an image: the axes of a batch without N. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/**
 * Labelled images that can be asked for one at a time, all of one shape.
 *
 * Pixels lie channel by channel, row by row (CHW). Bytes stand for 0 to 1: the loader divides them by 255. Floats are
 * taken as they are. What `image` returns may be a view of the data set's own memory: read it, do not write to it.
 */
export interface Dataset {
  readonly length: number;
  /** The name of each label. */
  readonly classes: readonly string[];
  readonly shape: ImageShape;
  image(i: number): Uint8Array | Float32Array;
  /** A whole number in [0, classes.length). */
  label(i: number): number;
  /** Where images may have several classes or none: 0 or 1 for each class. The label is then not asked for. */
  marks?: ((i: number) => Uint8Array) | undefined;
}

/**
 * Images of bytes in one piece of memory: a quarter of what floats would take.
 *
 * Throws `DataError` when `images` is not [length, ...shape] for as many images as there are labels, or a label has no class.
 *
 * @example
 * const data = new ImageDataset({ images, labels, shape: [3, 32, 32], classes: ['cat', 'dog'] });
 * data.image(0).length; // 3072
 */
export class ImageDataset implements Dataset {
  /** [N, C, H, W], 0 to 255. */
  readonly images: Uint8Array;
  readonly labels: Int32Array | Uint8Array;
  readonly shape: ImageShape;
  readonly classes: readonly string[];
  readonly #imageSize: number;

  constructor(parts: {
    images: Uint8Array;
    labels: Int32Array | Uint8Array;
    shape: ImageShape;
    classes: readonly string[];
  }) {
    ({ images: this.images, labels: this.labels, shape: this.shape, classes: this.classes } = parts);
    checkImages('ImageDataset', this);
    const [c, h, w] = this.shape;
    this.#imageSize = c * h * w;
    for (let i = 0; i < this.labels.length; i++) {
      if (this.labels[i] < 0 || this.labels[i] >= this.classes.length) {
        throw new DataError(
          `ImageDataset: image ${i} has the label ${this.labels[i]}, but there are ${this.classes.length} classes, numbered from 0.`,
        );
      }
    }
  }

  get length(): number {
    return this.labels.length;
  }

  image(i: number): Uint8Array {
    checkIndex(i, this.length);
    return this.images.subarray(i * this.#imageSize, (i + 1) * this.#imageSize);
  }

  label(i: number): number {
    checkIndex(i, this.length);
    return this.labels[i];
  }
}

/**
 * The images of `dataset` at `indices`, in that order. Nothing is copied.
 *
 * @example
 * subset(train, [4, 8, 15]).length; // 3
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const chosen = Int32Array.from(indices);
  for (let j = 0; j < chosen.length; j++) {
    if (chosen[j] !== indices[j]) throw new ArgumentError(`subset: the index ${indices[j]} is not a whole number.`);
    checkIndex(chosen[j], dataset.length);
  }
  const at = (i: number): number => {
    checkIndex(i, chosen.length);
    return chosen[i];
  };
  return {
    length: chosen.length,
    classes: dataset.classes,
    shape: dataset.shape,
    image: (i) => dataset.image(at(i)),
    label: (i) => dataset.label(at(i)),
    ...(dataset.marks && { marks: (i: number) => dataset.marks?.(at(i)) as Uint8Array }),
  };
}

/**
 * Deals the images out at random into two data sets without overlap; the second gets `fraction` of them (rounded).
 * The same seed gives the same split.
 *
 * @example
 * const [train, validation] = split(all, 0.1); // 45,000 and 5,000 of CIFAR-10's 50,000
 */
export function split(
  dataset: Dataset,
  fraction: number,
  options: { seed?: number | string | undefined } = {},
): [Dataset, Dataset] {
  checkOptions('split', options, ['seed']);
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new ArgumentError(`split: fraction is ${fraction}, but must lie between 0 and 1.`);
  }
  const order = new RandomStream(`split/${options.seed ?? 0}`).shuffle(
    Int32Array.from({ length: dataset.length }, (_, i) => i),
  );
  const first = dataset.length - Math.round(dataset.length * fraction);
  return [subset(dataset, order.subarray(0, first)), subset(dataset, order.subarray(first))];
}

/** What is true of the images at `indices`: their labels, or their marks one behind the other. */
export function labelsOf(dataset: Dataset, indices: Int32Array): Int32Array {
  if (dataset.marks === undefined) return Int32Array.from(indices, (i) => dataset.label(i));
  const classes = dataset.classes.length;
  const labels = new Int32Array(indices.length * classes);
  for (let n = 0; n < indices.length; n++) labels.set(dataset.marks(indices[n]), n * classes);
  return labels;
}

/** Throws `DataError` unless there are bytes for `length` images. */
export function checkImages(who: string, data: Pick<ImageDataset, 'images' | 'length' | 'shape'>): void {
  const { images, length, shape } = data;
  const needed = length * shape[0] * shape[1] * shape[2];
  if (images.length === needed) return;
  throw new DataError(
    `${who}: ${images.length} bytes are not ${length} images (one a label) of [${shape.join(', ')}], which need ${needed}.`,
  );
}

/** Throws `ArgumentError` unless there is an image i. */
export function checkIndex(i: number, length: number): void {
  if (!Number.isInteger(i) || i < 0 || i >= length) {
    throw new ArgumentError(`Dataset: there is no image ${i}; this data set holds ${length}, numbered from 0.`);
  }
}
