import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import type { EpochImages, EpochPlan } from './epochPlan.js';

/** Channels, height and width of an image: the axes of a batch without N. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/**
 * Labeled images that can be asked for one at a time, all of one shape.
 *
 * Pixels lie channel by channel, row by row (CHW). Bytes stand for 0 to 1: the loader divides them by 255. Floats are
 * taken as they are. What `image` returns may be a view of the data set's own memory: read it, do not write to it.
 */
export interface Dataset {
  /** How many images there are. */
  readonly length: number;
  /** The name of each label. */
  readonly classes: readonly string[];
  /** Channels, height and width of the images. */
  readonly shape: ImageShape;
  /** The pixels of image `i` [C, H, W]: bytes from 0 to 255, or floats from 0 to 1. */
  image(i: number): Uint8Array | Float32Array;
  /** A whole number in [0, classes.length). */
  label(i: number): number;
  /** Where images may have several classes or none: 0 or 1 for each class. The label is then not asked for. */
  multiHot?: ((i: number) => Uint8Array) | undefined;
  /** Where images are made on demand: begins to make those of an epoch ahead of the loader. */
  open?: ((epoch: EpochPlan) => EpochImages) | undefined;
  /** Whether what `open` makes is augmented, from the seeds of the plan. */
  readonly augmented?: boolean | undefined;
  /** What `datasetChecksum` gives, where reading every image would take too long. */
  checksum?: (() => string) | undefined;
}

/** Pixels of many images in one piece of memory. Clamped bytes, as a canvas gives them, count as bytes. */
export type ImagePixels = Uint8Array | Float32Array;

/** `Uint8ClampedArray` as the bytes that it holds. */
type Unclamped<P> = P extends Float32Array ? Float32Array : Uint8Array;

/**
 * Images in one piece of memory, of bytes (a quarter of what floats would take) or of floats, each of one class.
 *
 * Throws `ArgumentError` when `images` is another kind of array, or the shape is not three whole numbers; `DataError` when `images` is not
 * [length, ...shape] for as many images as there are labels, or a label is not the index of a class.
 *
 * @example
 * const data = new ImageDataset({ images, labels, shape: [3, 32, 32], classes: ['cat', 'dog'] });
 * data.image(0).length; // 3072
 */
export class ImageDataset<P extends ImagePixels | Uint8ClampedArray = Uint8Array> implements Dataset {
  /** [N, C, H, W]: bytes from 0 to 255, or floats. */
  readonly images: Unclamped<P>;
  /** The class index of each image. */
  readonly labels: Int32Array | Uint8Array;
  /** Channels, height and width of the images. */
  readonly shape: ImageShape;
  readonly classes: readonly string[];
  readonly #imageSize: number;

  constructor(parts: {
    images: P;
    labels: ArrayLike<number>;
    shape: ImageShape;
    classes: readonly string[];
  }) {
    const { images, labels, shape, classes } = parts;
    this.images = keptPixels('ImageDataset: images', images) as Unclamped<P>;
    this.shape = checkImageShape('ImageDataset', shape);
    this.classes = classes;
    for (let i = 0; i < labels.length; i++) {
      if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classes.length) {
        throw new DataError(
          `ImageDataset: image ${i} has the label ${labels[i]}, but there are ${classes.length} classes, numbered from 0.`,
        );
      }
    }
    this.labels = labels instanceof Int32Array || labels instanceof Uint8Array ? labels : Int32Array.from(labels);
    checkImages('ImageDataset', this);
    const [c, h, w] = shape;
    this.#imageSize = c * h * w;
  }

  /** How many images there are. */
  get length(): number {
    return this.labels.length;
  }

  /** The pixels of image `i` [C, H, W], as a view of the data set's memory. */
  image(i: number): Unclamped<P> {
    checkIndex(i, this.length);
    return this.images.subarray(i * this.#imageSize, (i + 1) * this.#imageSize) as Unclamped<P>;
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
    ...(dataset.multiHot && { multiHot: (i: number) => dataset.multiHot?.(at(i)) as Uint8Array }),
    ...(dataset.augmented && { augmented: true }),
    ...(dataset.checksum && { checksum: () => `${dataset.checksum?.()}[${chosen}]` }),
    ...(dataset.open && { open: (plan: EpochPlan) => openSubset(dataset, plan, at) }),
  };
}

/** The epoch of a subset, as one of the data set that it is of. */
function openSubset(dataset: Dataset, plan: EpochPlan, at: (i: number) => number): EpochImages {
  const batch = (k: number): ReturnType<EpochPlan['batch']> => {
    const { indices, ...rest } = plan.batch(k);
    return { ...rest, indices: indices.map(at) };
  };
  return dataset.open?.({ ...plan, batch }) as EpochImages;
}

/**
 * Deals the images out at random into two data sets without overlap; the second gets `fraction` of them (rounded).
 * The same seed gives the same split.
 *
 * Options: `seed`, default 0; `stratified`, whether both parts have the classes in the proportions of the whole, as near as whole images
 * allow (images of several classes count by their combination), default false.
 *
 * @example
 * const [train, validation] = splitDataset(all, 0.1); // 45,000 and 5,000 of CIFAR-10's 50,000
 */
export function splitDataset(
  dataset: Dataset,
  fraction: number,
  options: { seed?: number | string | undefined; stratified?: boolean | undefined } = {},
): [Dataset, Dataset] {
  checkOptions('splitDataset', options, ['seed', 'stratified']);
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new ArgumentError(`splitDataset: fraction is ${fraction}, but must lie between 0 and 1.`);
  }
  const random = new RandomStream(`split/${options.seed ?? 0}`);
  if (options.stratified) return stratifiedSplit(dataset, fraction, random);
  const order = random.shuffle(Int32Array.from({ length: dataset.length }, (_, i) => i));
  const first = dataset.length - Math.round(dataset.length * fraction);
  return [subset(dataset, order.subarray(0, first)), subset(dataset, order.subarray(first))];
}

/** Each class gives its share, rounded down; those that lost most by that give one more, until the total is right. */
function stratifiedSplit(dataset: Dataset, fraction: number, random: RandomStream): [Dataset, Dataset] {
  const strata = [...strataOf(dataset).values()].map((indices) => random.shuffle(Int32Array.from(indices)));
  const counts = strata.map(({ length }) => Math.floor(length * fraction));
  const lost = strata.map(({ length }, s) => ({ s, part: length * fraction - counts[s] }));
  let missing = Math.round(dataset.length * fraction) - counts.reduce((a, b) => a + b, 0);
  for (const { s } of lost.sort((a, b) => b.part - a.part || a.s - b.s)) if (missing-- > 0) counts[s]++;
  const take = (from: (s: number) => number, to: (s: number) => number): Dataset => {
    const indices = strata.flatMap((stratum, s) => [...stratum.subarray(from(s), to(s))]);
    return subset(dataset, random.shuffle(indices));
  };
  return [
    take(
      (s) => counts[s],
      (s) => strata[s].length,
    ),
    take(
      () => 0,
      (s) => counts[s],
    ),
  ];
}

/** The indices of the images by their class, or by their combination of classes, in the order of the first image of each. */
export function strataOf(dataset: Dataset): Map<string, number[]> {
  const strata = new Map<string, number[]>();
  for (let i = 0; i < dataset.length; i++) {
    const key = dataset.multiHot === undefined ? String(dataset.label(i)) : dataset.multiHot(i).join('');
    const stratum = strata.get(key);
    if (stratum === undefined) strata.set(key, [i]);
    else stratum.push(i);
  }
  return strata;
}

/** The pixels as they are kept: clamped bytes as bytes, without a copy. Throws `ArgumentError` for another kind of array. */
export function keptPixels(who: string, images: ImagePixels | Uint8ClampedArray): ImagePixels {
  if (images instanceof Uint8Array || images instanceof Float32Array) return images;
  if (images instanceof Uint8ClampedArray) return new Uint8Array(images.buffer, images.byteOffset, images.length);
  const found = (images as object | null | undefined)?.constructor?.name ?? String(images);
  throw new ArgumentError(
    `${who} is ${found}, but must be a Uint8Array (bytes, 0 to 255) or a Float32Array. Copy an array of numbers with Uint8Array.from.`,
  );
}

/** Throws `ArgumentError` unless `shape` is three whole numbers above 0. */
export function checkImageShape(who: string, shape: ImageShape): ImageShape {
  if (Array.isArray(shape) && shape.length === 3 && shape.every((n) => Number.isInteger(n) && n > 0)) return shape;
  throw new ArgumentError(
    `${who}: shape is ${JSON.stringify(shape)}, but must be [channels, height, width], whole numbers above 0.`,
  );
}

/** Throws `DataError` unless there are pixels for `length` images. */
export function checkImages(who: string, data: { images: ArrayLike<number>; length: number; shape: ImageShape }): void {
  const { images, length, shape } = data;
  const needed = length * shape[0] * shape[1] * shape[2];
  if (images.length === needed) return;
  throw new DataError(
    `${who}: ${images.length} pixel values are not ${length} images (one a label) of [${shape.join(', ')}], which need ${needed}.`,
  );
}

/** Throws `ArgumentError` unless there is an image i. */
export function checkIndex(i: number, length: number): void {
  if (!Number.isInteger(i) || i < 0 || i >= length) {
    throw new ArgumentError(`Dataset: there is no image ${i}; this data set holds ${length}, numbered from 0.`);
  }
}
