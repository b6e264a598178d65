import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError, DataError } from '../../base/errors.js';
import { subfolders } from './scanFolder.js';

/** The parts that folders of photographs are divided into. */
export type FolderSplit = 'train' | 'val' | 'test';

const SYNONYMS: Readonly<Record<FolderSplit, readonly string[]>> = {
  train: ['train', 'training'],
  val: ['val', 'valid', 'validation', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

/** The split that a name means: `Validation` is 'val'. Undefined for other names. */
export function splitNamed(name: string): FolderSplit | undefined {
  const lower = name.toLowerCase();
  return (Object.keys(SYNONYMS) as FolderSplit[]).find((split) => SYNONYMS[split].includes(lower));
}

/** Throws `ArgumentError` unless `split` is a part of folders, or undefined. */
export function checkFolderSplit(who: string, split: unknown): asserts split is FolderSplit | undefined {
  if (split === undefined || Object.hasOwn(SYNONYMS, String(split))) return;
  throw new ArgumentError(`${who}: split is '${String(split)}', but must be 'train', 'val' or 'test'.`);
}

/**
 * The folders of a folder that are its parts: all of its visible folders must have such names, and one be the training part. Empty where the
 * folders are classes.
 */
export function findSplits(dir: string): Map<FolderSplit, string> {
  const found = new Map<FolderSplit, string>();
  for (const name of subfolders(dir).filter((folder) => !folder.startsWith('.'))) {
    const split = splitNamed(name);
    if (split === undefined || found.has(split)) return new Map();
    found.set(split, join(dir, name));
  }
  return found.has('train') ? found : new Map();
}

/** The folder of a part. Throws `DataError` when there is none. */
export function folderOfSplit(dir: string, splits: ReadonlyMap<FolderSplit, string>, split: FolderSplit): string {
  const found = splits.get(split) ?? SYNONYMS[split].map((name) => join(dir, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const there =
    splits.size > 0 ? `it has ${[...splits.keys()].join(', ')}` : 'it is not divided into train, val and test';
  throw new DataError(
    `imageFolder: ${dir} has no folder for the split '${split}'; ${there}. Leave split out, and divide the images with splitDataset.`,
  );
}
