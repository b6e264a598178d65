import { type Dataset, subset } from '../../data/dataset.js';
import type { ImageFolder, ImageFolderOptions } from '../../node/index.js';

/** Photographs of known classes, by their paths. */
export interface PhotoList {
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  /** The class of each photograph. */
  readonly labels: readonly number[];
  /** The same photographs as a data set that decodes them. */
  dataset(options: ImageFolderOptions): Promise<Dataset>;
}

/** The photographs of a folder: those to learn from, and those that the folder keeps apart to measure with. */
export interface PhotoFolders {
  readonly train: PhotoList;
  readonly test: PhotoList | null;
  /** The name of the part that `test` is. */
  readonly testName: string | null;
}

/** Parts that are kept apart, the one to measure with first. */
const APART = ['test', 'val'] as const;

/**
 * Lists a folder of photographs: a folder per class, inside `train`, `val` and `test` where there are such, or as labels files say. Nothing is
 * decoded. Throws as `imageFolder` does.
 */
export async function listPhotos(folder: string): Promise<PhotoFolders> {
  const { imageFolder } = await import('../../node/index.js');
  const train = imageFolder(folder, { onError: 'skip' });
  const name = train.split === 'train' ? APART.find((part) => train.splits.includes(part)) : undefined;
  const apart = { split: name, classes: train.classes, allowEmpty: true };
  return {
    train: listOf(folder, train, {}),
    test: name === undefined ? null : listOf(folder, imageFolder(folder, { ...apart, onError: 'skip' }), apart),
    testName: name ?? null,
  };
}

/** The photographs to measure with: the `test` or `val` part of a folder, or all of it. */
export async function listApart(folder: string): Promise<PhotoList> {
  const { imageFolder } = await import('../../node/index.js');
  const all = imageFolder(folder, { onError: 'skip' });
  const split = APART.find((part) => all.splits.includes(part));
  return split === undefined
    ? listOf(folder, all, {})
    : listOf(folder, imageFolder(folder, { split, onError: 'skip' }), { split });
}

function listOf(folder: string, data: ImageFolder, which: ImageFolderOptions): PhotoList {
  const { classes, paths, length } = data;
  return {
    classes,
    paths,
    labels: Array.from({ length }, (_, i) => data.label(i)),
    async dataset(options) {
      const { imageFolder } = await import('../../node/index.js');
      return imageFolder(folder, { ...which, ...options });
    },
  };
}

/** Some photographs of a list, by their numbers. */
export function choose(list: PhotoList, numbers: readonly number[]): PhotoList {
  return {
    classes: list.classes,
    paths: numbers.map((i) => list.paths[i]),
    labels: numbers.map((i) => list.labels[i]),
    dataset: async (options) => subset(await list.dataset(options), numbers),
  };
}

/** At most `count` photographs of each class, in the order of `order`. */
export function firstOfEach(list: PhotoList, count: number, order: Iterable<number>): PhotoList {
  const left = list.classes.map(() => count);
  return choose(
    list,
    [...order].filter((i) => left[list.labels[i]]-- > 0).sort((a, b) => a - b),
  );
}
