import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../base/errors.js';
import { type FolderSplit, findSplits, folderOfSplit, splitNamed } from './folderSplits.js';
import { findLabelsFile, readLabelsFile } from './labelsFile.js';
import { classesOf, type LabelTable, labelsFromJson } from './labelTable.js';
import { imageFilesBelow, relativeImageFiles, type Scan, subfolders } from './scanFolder.js';

/** What a folder of photographs is made of. */
export interface FolderListing {
  /** The folder that the files are in: a part of the one that was asked for, or that itself. */
  root: string;
  files: string[];
  classes: string[];
  /** The index of each file's class; empty where files may have several. */
  labels: Int32Array;
  /** 0 or 1 for each file and class; null where each file has one class. */
  multiHot: Uint8Array | null;
  split: FolderSplit | null;
  splits: FolderSplit[];
  /** Image files that the table of labels says nothing about. */
  unlabeled: string[];
}

/** What of the options of `imageFolder` decides which files there are. */
export interface ListingOptions {
  split?: FolderSplit | undefined;
  labels?: string | Readonly<Record<string, string | readonly string[]>> | undefined;
  classes?: readonly string[] | undefined;
  multiLabel?: boolean | undefined;
  allowEmpty?: boolean | undefined;
}

/** Finds the files of a folder, their classes and its parts. Throws `DataError` where there is nothing to find. */
export function listFolder(dir: string, options: ListingOptions, scan: Scan): FolderListing {
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DataError(`imageFolder: ${dir} is no folder.`);
  }
  const splits = findSplits(dir);
  const table = labelTableOf(dir, splits, options);
  const hasSplitColumn = (table?.splits.size ?? 0) > 0;
  const isSplit = splits.size > 0 || (options.split !== undefined && !hasSplitColumn);
  const split = options.split ?? (isSplit || hasSplitColumn ? 'train' : null);
  const root = isSplit && split !== null ? folderOfSplit(dir, splits, split) : dir;
  const place = { root, split, splits: splits.size > 0 ? [...splits.keys()] : splitsOf(table) };
  if (table === undefined) return { ...place, ...classFolders(root, options, scan) };
  return { ...place, ...labeledFiles(root, table, hasSplitColumn ? split : null, options, scan) };
}

/** The parts that a table of labels names. */
function splitsOf(table: LabelTable | undefined): FolderSplit[] {
  const named = [...(table?.splits.values() ?? [])].map(splitNamed);
  return [...new Set(named)].filter((split) => split !== undefined);
}

/** The labels that are given, or in a file that is named; without folders of classes, in a file with a usual name. */
function labelTableOf(
  dir: string,
  splits: ReadonlyMap<FolderSplit, string>,
  { labels, split }: ListingOptions,
): LabelTable | undefined {
  if (typeof labels === 'object') return labelsFromJson(labels, 'imageFolder: labels');
  const part = splits.get(split ?? 'train');
  const places = part === undefined ? [dir] : [part, dir];
  if (labels === undefined && subfolders(places[0]).some((name) => !name.startsWith('.'))) return undefined;
  const home = places.find((place) => labels === undefined || existsSync(join(place, labels))) ?? dir;
  const file = findLabelsFile(home, labels) ?? (labels === undefined ? findLabelsFile(dir, labels) : undefined);
  return file === undefined ? undefined : readLabelsFile(file);
}

type Listed = Pick<FolderListing, 'files' | 'classes' | 'labels' | 'multiHot' | 'unlabeled'>;

/** A class for each folder. Hidden folders without images are passed over. */
function classFolders(root: string, { classes: wanted, allowEmpty = false }: ListingOptions, scan: Scan): Listed {
  const found = new Map<string, string[]>();
  for (const name of subfolders(root)) {
    const files = imageFilesBelow(join(root, name), scan);
    if (files.length > 0 || !name.startsWith('.')) found.set(name, files);
  }
  if (found.size === 0) {
    throw new DataError(
      `imageFolder: ${root} holds no folders. Put the images of each class into a folder with its name, or pass labels: a CSV or JSON file with the label of each image.`,
    );
  }
  const classes = wanted === undefined ? [...found.keys()] : checkedClasses(wanted, [...found.keys()], root);
  const empty = classes.filter((name) => (found.get(name)?.length ?? 0) === 0);
  if (empty.length > 0 && (!allowEmpty || empty.length === classes.length)) {
    throw new DataError(
      `imageFolder: ${root} has no images of the ${empty.length === 1 ? 'class' : 'classes'} ${empty.join(', ')}: no file ends with ${scan.extensions.join(', ')}. Remove such folders, or pass allowEmpty: true.`,
    );
  }
  const files = classes.flatMap((name) => found.get(name) ?? []);
  const labels = Int32Array.from(classes.flatMap((name, k) => (found.get(name) ?? []).map(() => k)));
  return { files, classes, labels, multiHot: null, unlabeled: [] };
}

/** The files that a table names, in its order, of one part if it says so. */
function labeledFiles(
  root: string,
  table: LabelTable,
  split: FolderSplit | null,
  options: ListingOptions,
  scan: Scan,
): Listed {
  const isMulti = options.multiLabel ?? table.isMultiLabel;
  const known = classesOf(table);
  const classes = options.classes === undefined ? known : checkedClasses(options.classes, known, root);
  const indexOf = new Map(classes.map((name, k) => [name, k]));
  const there = new Set(relativeImageFiles(root, scan));
  const files: string[] = [];
  const labelLists: number[][] = [];
  for (const [file, labels] of table.labels) {
    if (split !== null && splitNamed(table.splits.get(file) ?? '') !== split) continue;
    const name = fileNamed(file, there, scan);
    if (!isMulti && labels.length !== 1) {
      throw new DataError(
        `imageFolder: ${file} has ${labels.length === 0 ? 'no label' : `the labels ${labels.join(', ')}`}, but multiLabel is false.`,
      );
    }
    there.delete(name);
    files.push(join(root, name));
    labelLists.push(labels.map((label) => indexOf.get(label) as number));
  }
  if (files.length === 0) throw new DataError(`imageFolder: the labels name no file of ${root}.`);
  const unlabeled = [...there].filter((name) => !table.labels.has(name)).map((name) => join(root, name));
  const labels = isMulti ? new Int32Array(0) : Int32Array.from(labelLists, ([label]) => label);
  return { files, classes, labels, multiHot: isMulti ? multiHotOf(labelLists, classes.length) : null, unlabeled };
}

/** A table may leave out the ending of its files. */
function fileNamed(file: string, there: ReadonlySet<string>, { extensions }: Scan): string {
  const plain = file.replace(/^\.\//, '').replaceAll('\\', '/');
  if (there.has(plain)) return plain;
  return extensions.map((extension) => plain + extension).find((name) => there.has(name)) ?? plain;
}

function multiHotOf(labelLists: readonly number[][], classes: number): Uint8Array {
  const multiHot = new Uint8Array(labelLists.length * classes);
  for (const [i, list] of labelLists.entries()) for (const k of list) multiHot[i * classes + k] = 1;
  return multiHot;
}

function checkedClasses(wanted: readonly string[], found: readonly string[], root: string): string[] {
  const unknown = found.filter((name) => !wanted.includes(name));
  if (unknown.length === 0) return [...wanted];
  throw new DataError(
    `imageFolder: ${root} has images of ${unknown.join(', ')}, which classes does not list. It lists ${wanted.join(', ')}.`,
  );
}
