import { DataError } from '../../base/errors.js';
import { type Dataset, subset } from '../../data/dataset.js';
import type { ImageFolder, ImageFolderOptions } from '../../node/index.js';
import type { ClassifierKind } from '../probabilities.js';
import { rarestLabels } from './folds.js';

/** Photographs of known classes, by their paths. */
export interface PhotoList {
  readonly kind: ClassifierKind;
  /** Of a binary list: no, then yes. */
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  /** The class of each photograph. Where it may have several labels: the rarest of them, or the number of classes for none. */
  readonly labels: readonly number[];
  /** What the outputs of a network should say, 0 or 1: one for each class, or one for yes. Null where one of many classes is right. */
  readonly marks: readonly Uint8Array[] | null;
  /** The same photographs as a data set that decodes them, with the marks as targets. */
  dataset(options: ImageFolderOptions): Promise<Dataset>;
}

/** The photographs of a folder: those to learn from, and those that the folder keeps apart to measure with. */
export interface PhotoFolders {
  readonly train: PhotoList;
  readonly test: PhotoList | null;
  /** The name of the part that `test` is. */
  readonly testName: string | null;
}

/** What is known of a folder besides what is in it. */
export interface ListOptions {
  /** A file of labels. Default: the one that `imageFolder` finds. */
  labels?: string | undefined;
  /** Default: several labels where a photograph has several or none, otherwise one of many. */
  kind?: ClassifierKind | undefined;
  /** Of two classes, the one that means yes. Default: the second one. */
  positive?: string | undefined;
}

/** Parts that are kept apart, the one to measure with first. */
const APART = ['test', 'val'] as const;

/**
 * Lists a folder of photographs: a folder per class, inside `train`, `val` and `test` where there are such, or as labels files say. Nothing is
 * decoded. Throws as `imageFolder` does, and `DataError` for classes that don't fit the kind.
 */
export async function listPhotos(folder: string, options: ListOptions = {}): Promise<PhotoFolders> {
  const { imageFolder } = await import('../../node/index.js');
  const which = {
    labels: options.labels,
    ...(options.kind !== undefined && { multiLabel: options.kind === 'multi-label' }),
  };
  const train = imageFolder(folder, { ...which, onError: 'skip' });
  const kind = options.kind ?? (train.multiHot === undefined ? 'one-of-many' : 'multi-label');
  const classes = kind === 'binary' ? noAndYes(train.classes, options.positive) : train.classes;
  const name = train.split === 'train' ? APART.find((part) => train.splits.includes(part)) : undefined;
  const shared = { ...which, multiLabel: train.multiHot !== undefined, classes };
  const part = (apart: ImageFolderOptions): PhotoList =>
    listOf(folder, imageFolder(folder, { ...apart, onError: 'skip' }), apart, kind);
  return {
    train: part(shared),
    test: name === undefined ? null : part({ ...shared, split: name, allowEmpty: true }),
    testName: name ?? null,
  };
}

/** The photographs to measure with: the `test` or `val` part of a folder, or all of it. */
export async function listApart(folder: string, labels?: string): Promise<PhotoList> {
  const { imageFolder } = await import('../../node/index.js');
  const all = imageFolder(folder, { labels, onError: 'skip' });
  const split = APART.find((part) => all.splits.includes(part));
  const which = { labels, ...(split !== undefined && { split }), multiLabel: all.multiHot !== undefined };
  const list = split === undefined ? all : imageFolder(folder, { ...which, onError: 'skip' });
  return listOf(folder, list, which, all.multiHot === undefined ? 'one-of-many' : 'multi-label');
}

function noAndYes(classes: readonly string[], positive: string | undefined): readonly string[] {
  if (classes.length !== 2) {
    throw new DataError(
      `trainClassifier: kind 'binary' needs two classes, no and yes, but there are ${classes.length}: ${classes.slice(0, 5).join(', ')}. Use kind 'multi-label', or 'one-of-many'.`,
    );
  }
  if (positive === undefined || positive === classes[1]) return classes;
  if (positive === classes[0]) return [classes[1], classes[0]];
  throw new DataError(`trainClassifier: positive is '${positive}', but the classes are ${classes.join(' and ')}.`);
}

function listOf(folder: string, data: ImageFolder, which: ImageFolderOptions, kind: ClassifierKind): PhotoList {
  const { classes, paths, length, multiHot } = data;
  const all = Array.from({ length }, (_, i) => i);
  const own = multiHot === undefined ? all.map((i) => data.label(i)) : null;
  const marks =
    kind === 'one-of-many'
      ? null
      : all.map((i) => {
          if (kind === 'binary') return Uint8Array.of(own?.[i] ?? 0);
          return multiHot?.(i).slice() ?? Uint8Array.from(classes, (_, k) => Number(own?.[i] === k));
        });
  return {
    ...{ kind, classes, paths, marks },
    labels: own ?? rarestLabels(marks ?? [], classes.length),
    async dataset(options) {
      const { imageFolder } = await import('../../node/index.js');
      const found = imageFolder(folder, { ...which, ...options });
      return marks === null ? found : { ...subset(found, all), multiHot: (i) => marks[i] };
    },
  };
}

/** Some photographs of a list, by their numbers. */
export function choose(list: PhotoList, numbers: readonly number[]): PhotoList {
  return {
    kind: list.kind,
    classes: list.classes,
    paths: numbers.map((i) => list.paths[i]),
    labels: numbers.map((i) => list.labels[i]),
    marks: list.marks && numbers.map((i) => (list.marks as readonly Uint8Array[])[i]),
    dataset: async (options) => subset(await list.dataset(options), numbers),
  };
}

/** At most `count` photographs of each class, in the order of `order`. */
export function firstOfEach(list: PhotoList, count: number, order: Iterable<number>): PhotoList {
  const left = [...list.classes, ''].map(() => count);
  return choose(
    list,
    [...order].filter((i) => left[list.labels[i]]-- > 0).sort((a, b) => a - b),
  );
}

/** What the outputs of a network should say of all photographs of a list: a class number each, or 0 or 1 for each output, photograph by photograph. */
export function targetsOf({ labels, marks }: Pick<PhotoList, 'labels' | 'marks'>): readonly number[] {
  return marks === null ? labels : marks.flatMap((row) => [...row]);
}

/** Outputs that a network for these photographs has. */
export function outputsOf({ kind, classes }: Pick<PhotoList, 'kind' | 'classes'>): number {
  return kind === 'binary' ? 1 : classes.length;
}
