import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, DataError, FormatError } from '../../base/errors.js';
import { checkIndex, type Dataset, type ImageShape } from '../../data/dataset.js';
import type { EpochImages, EpochPlan } from '../../data/epochPlan.js';
import { PhotoEpoch, type PhotoShelf } from '../photos/photoEpoch.js';
import type { PhotoJob } from '../photos/photoJob.js';
import { postPhoto, usualThreads } from '../photos/photoThreads.js';
import { PHOTO_OPTIONS, type PhotoOptions, preparationOf } from '../photos/preparationOptions.js';
import { fingerprint } from './fingerprint.js';
import { checkFolderSplit, type FolderSplit } from './folderSplits.js';
import { type FolderListing, listFolder } from './listFolder.js';
import { IMAGE_EXTENSIONS, type Scan } from './scanFolder.js';
import { describeSkipped, type OnError, type SkippedFile, SkippedFiles } from './skippedFiles.js';

/** Which images of a folder belong to the data set, their classes, and how each one is prepared. */
export interface ImageFolderOptions extends PhotoOptions {
  /** The part of a folder with folders `train`, `val` and `test` (or `valid`, `validation`, ...). Default: 'train' where there are such. */
  split?: FolderSplit | undefined;
  /**
   * A CSV, TSV, JSON or JSON Lines file of labels, or labels by file name, in place of folders as classes. Default: `labels.csv`, `labels.json`,
   * `metadata.csv` or `metadata.jsonl`, where there are no folders.
   */
  labels?: string | Readonly<Record<string, string | readonly string[]>> | undefined;
  /** All classes, in the order of their numbers. Default: those that are found, sorted. */
  classes?: readonly string[] | undefined;
  /** Whether images may have several labels or none. Default: whether some do. */
  multiLabel?: boolean | undefined;
  /** Endings of the files that count. Default: torchvision's, `IMAGE_EXTENSIONS`. */
  extensions?: readonly string[] | undefined;
  /** Files that cannot be read: 'throw' an error that names the file, or 'skip' them and list them in `skipped`. Default: 'throw'. */
  onError?: OnError | undefined;
  /** Accepts classes without images, which otherwise are an error. Default: false. */
  allowEmpty?: boolean | undefined;
  /** A folder that keeps photographs after decoding and scaling. Default: they are decoded each time. */
  cache?: string | undefined;
  /** Threads that decode. Default: one per core, at most 8. */
  threads?: number | undefined;
}

/** Every option, for the message about one that is not. */
const OPTIONS = [
  ...PHOTO_OPTIONS,
  ...['split', 'labels', 'classes', 'multiLabel', 'extensions', 'onError', 'allowEmpty', 'cache', 'threads'],
];

/**
 * A folder of photographs as a data set. Each photograph is decoded when it is asked for, by threads that work ahead of a `DataLoader`; what a
 * batch holds does not depend on their number.
 *
 * The class of an image is the folder that it lies in, or what a file of labels says. Classes, their order, the order of the images and the
 * files that count are those of torchvision's `ImageFolder`. Photographs are upright, and the size is made from their bytes with Pillow's
 * arithmetic: by default the shorter side is scaled to 256 and the middle 224 x 224 cut out.
 *
 * Throws `DataError` when there is nothing to read, when a class has no images, and, while images are read, for files that are missing or
 * damaged unless `onError` is 'skip'; `ArgumentError` for options that are unknown or out of range.
 *
 * Source: the parts at random are torchvision's RandomResizedCrop, drawn from the loader's stream 'augment'.
 *
 * @example
 * const train = imageFolder('photos', { split: 'train', augment: true });
 * for (const { x, labels } of new DataLoader(train, { batchSize: 32, shuffle: true })) x.shape; // [32, 3, 224, 224]
 */
export function imageFolder(dir: string, options: ImageFolderOptions = {}): ImageFolder {
  checkOptions('imageFolder', options, OPTIONS);
  checkFolderSplit('imageFolder', options.split);
  const { onError = 'throw', extensions = IMAGE_EXTENSIONS } = options;
  if (onError !== 'throw' && onError !== 'skip') {
    throw new ArgumentError(`imageFolder: onError is '${String(onError)}', but must be 'throw' or 'skip'.`);
  }
  if (typeof dir !== 'string')
    throw new ArgumentError(`imageFolder: the folder is ${String(dir)}, but must be a path.`);
  const scan: Scan = { extensions: extensions.map(dotted), onError, skipped: new SkippedFiles() };
  return new ImageFolder(listFolder(dir, options, scan), options, scan.skipped);
}

/** What `imageFolder` makes of a folder. */
export class ImageFolder implements Dataset {
  /** The folder that the images are in: `train` in the folder that was named, or that itself. */
  readonly root: string;
  /** The file of each image. */
  readonly paths: readonly string[];
  readonly classes: readonly string[];
  readonly shape: ImageShape;
  /** The part that this is, or null where the folder is not divided. */
  readonly split: FolderSplit | null;
  /** The parts that the folder is divided into. */
  readonly splits: readonly FolderSplit[];
  /** Image files that the labels say nothing about. */
  readonly unlabeled: readonly string[];
  readonly augmented: boolean;
  /** Where images may have several classes: 0 or 1 for each class. */
  readonly multiHot: ((i: number) => Uint8Array) | undefined;
  readonly #labels: Int32Array;
  readonly #skipped: SkippedFiles;
  readonly #bad = new Set<number>();
  readonly #shelf: PhotoShelf;
  readonly #preparation: string;
  #checksum: string | undefined;

  /** @internal */
  constructor(listing: FolderListing, options: ImageFolderOptions, skipped: SkippedFiles) {
    const preparation = preparationOf('imageFolder', options);
    const { mode } = preparation.decode;
    const { root, files, classes, labels, multiHot, split, splits, unlabeled } = listing;
    this.root = root;
    this.paths = files;
    this.classes = classes;
    this.shape = [mode === 'L' ? 1 : 3, ...preparation.size];
    this.split = split;
    this.splits = splits;
    this.unlabeled = unlabeled;
    this.augmented = preparation.augment !== null;
    this.#labels = labels;
    this.#skipped = skipped;
    this.#preparation = JSON.stringify(preparation);
    const count = classes.length;
    if (multiHot !== null) this.multiHot = (i) => this.#checked(i, () => multiHot.subarray(i * count, (i + 1) * count));
    const { onError = 'throw', threads = usualThreads(), cache = null } = options;
    this.#shelf = {
      threads: checkWhole('imageFolder', 'threads', threads, 1),
      jobOf: (i, seed) => (this.#bad.has(i) ? null : this.#jobOf(i, seed, cache)),
      refuse: (i, error) => this.#refuse(i, error, onError),
    };
  }

  get length(): number {
    return this.paths.length;
  }

  /** Files that could not be read so far, and why: with `onError: 'skip'` they are left out of batches. */
  get skipped(): SkippedFile[] {
    return this.#skipped.list;
  }

  /** The number and names of the skipped files, as text; empty where there are none. */
  describeSkipped(): string {
    return describeSkipped(this.skipped, this.length);
  }

  /** Image i as bytes [C, H, W], without augmentation. Waits for a thread. Throws `DataError` or `FormatError` that names the file. */
  image(i: number): Uint8Array {
    checkIndex(i, this.length);
    const canceled = new Int32Array(new SharedArrayBuffer(4));
    const job = this.#jobOf(i, null, null);
    const { thread, delivery } = postPhoto(this.#shelf.threads, { ...job, canceled });
    thread.wait(delivery);
    return delivery.value.pixels;
  }

  label(i: number): number {
    return this.#checked(i, () => {
      const labels = this.multiHot?.(i);
      if (labels === undefined) return this.#labels[i];
      const first = labels.indexOf(1);
      if (first >= 0 && !labels.includes(1, first + 1)) return first;
      throw new DataError(`imageFolder: ${this.paths[i]} does not have one label; ask for its multiHot.`);
    });
  }

  /** The images of an epoch, decoded ahead: what a `DataLoader` asks for. */
  open(plan: EpochPlan): EpochImages {
    return new PhotoEpoch(this.#shelf, plan);
  }

  /** Grows from names, sizes and the ends of all files, and from how they are prepared. */
  checksum(): string {
    this.#checksum ??= fingerprint(this.root, this.paths, [this.#preparation, this.classes, [...this.#labels]]);
    return this.#checksum;
  }

  #jobOf(i: number, seed: string | null, cache: string | null): Omit<PhotoJob, 'canceled'> {
    return { source: { path: this.paths[i] }, preparation: this.#preparation, seed, cache };
  }

  #refuse(i: number, error: unknown, onError: OnError): void {
    const isOfFile = error instanceof DataError || error instanceof FormatError;
    if (onError === 'throw' || !isOfFile) throw error;
    this.#bad.add(i);
    this.#skipped.add(this.paths[i], error.message);
  }

  #checked<T>(i: number, get: () => T): T {
    checkIndex(i, this.length);
    return get();
  }
}

function dotted(extension: string): string {
  const lower = extension.toLowerCase();
  return lower.startsWith('.') ? lower : `.${lower}`;
}
