import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DataError } from '../../base/errors.js';
import { messageOf } from '../files.js';
import type { OnError, SkippedFiles } from './skippedFiles.js';
import { byCodePoint } from './textOrder.js';

/** The endings of image files: torchvision's list. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.png',
  '.ppm',
  '.bmp',
  '.pgm',
  '.tif',
  '.tiff',
  '.webp',
];

/** How a folder is walked. */
export interface Scan {
  /** Endings of the files that count, in small letters. */
  extensions: readonly string[];
  onError: OnError;
  skipped: SkippedFiles;
}

/** Whether a file counts by its name. Hidden files do too. */
export function hasExtension(name: string, extensions: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return extensions.some((extension) => lower.endsWith(extension));
}

/** The folders in a folder, links to folders too, sorted; or throws `DataError`. */
export function subfolders(dir: string): string[] {
  return entriesOf(dir)
    .filter(({ isFolder }) => isFolder)
    .map(({ name }) => name)
    .sort(byCodePoint);
}

/**
 * The image files in a folder and all folders below it, in torchvision's order: by the path of their folder, then by name. Links are followed.
 *
 * A folder that cannot be read, and a link to a folder that contains it, are an error, or skipped.
 */
export function imageFilesBelow(dir: string, scan: Scan): string[] {
  const folders: { path: string; files: string[] }[] = [];
  walk(dir, [], scan, (path, files) => folders.push({ path, files }));
  folders.sort((a, b) => byCodePoint(a.path, b.path));
  return folders.flatMap(({ path, files }) => files.sort(byCodePoint).map((file) => join(path, file)));
}

/** The paths of image files from `dir` on, with forward slashes. */
export function relativeImageFiles(dir: string, scan: Scan): string[] {
  return imageFilesBelow(dir, scan).map((path) => slashed(relative(dir, path)));
}

export function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function walk(
  dir: string,
  around: readonly string[],
  scan: Scan,
  visit: (path: string, files: string[]) => void,
): void {
  let real: string;
  let entries: ReturnType<typeof entriesOf>;
  try {
    real = realpathSync(dir);
    entries = entriesOf(dir);
  } catch (cause) {
    refuse(scan, dir, `reading the folder ${dir} failed: ${messageOf(cause)}`);
    return;
  }
  if (around.includes(real)) {
    refuse(scan, dir, `the link ${dir} leads back to ${real}, a folder that contains it.`);
    return;
  }
  visit(
    dir,
    entries.filter(({ name, isFolder }) => !isFolder && hasExtension(name, scan.extensions)).map(({ name }) => name),
  );
  for (const { name, isFolder } of entries) if (isFolder) walk(join(dir, name), [...around, real], scan, visit);
}

function refuse({ onError, skipped }: Scan, path: string, reason: string): void {
  if (onError === 'throw') {
    throw new DataError(`imageFolder: ${reason} Remove it, or pass onError: 'skip' to leave it out.`);
  }
  skipped.add(path, reason);
}

function entriesOf(dir: string): { name: string; isFolder: boolean }[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(dir, entry.name))),
    }));
  } catch (cause) {
    throw new DataError(`reading the folder ${dir} failed: ${messageOf(cause)}`, { cause });
  }
}

/** A link that leads nowhere is no folder; it fails when it is read as a file. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
