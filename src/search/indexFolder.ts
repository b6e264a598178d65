import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { nodeModule } from '../base/nodeModule.js';
import type { Metadata } from './filter.js';
import type { ImageIndex } from './imageIndex.js';
import type { RefusedPhoto } from './indexRecords.js';

/** Options of `indexFolder`. */
export interface IndexFolderOptions {
  /** Deletes photographs from the index whose files are gone. Default true. */
  prune?: boolean | undefined;
  /** More metadata of a photograph, by its path from the folder on. */
  metadata?: ((path: string) => Metadata) | undefined;
  /** Called with the photographs that are done, and all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Aborting it stops before the next photographs; those before stay in the index. */
  signal?: AbortSignal | undefined;
}

/** What `indexFolder` did. */
export interface IndexFolderReport {
  /** Files that the index did not have. */
  readonly added: number;
  /** Files that had changed. */
  readonly updated: number;
  /** Files that were left alone. */
  readonly unchanged: number;
  /** Entries whose files are gone. */
  readonly removed: number;
  /** Files that could not be read. */
  readonly refused: readonly RefusedPhoto[];
}

interface Files {
  readdirSync(path: string, options: { recursive: true; encoding: 'utf8' }): string[];
  statSync(path: string): { size: number; mtime: Date; isFile(): boolean; isDirectory(): boolean };
}

interface Paths {
  resolve(...parts: string[]): string;
  extname(path: string): string;
}

/** Photographs that are added at a time: what a killed process loses at most. */
const PART = 32;

/**
 * Brings an index up to date with a folder: adds new photographs and those that have changed, and deletes those that are gone. What is in the index
 * already isn't read again, so that a run that was killed goes on where it stopped. Ids are paths from the folder on; metadata has `path`, `bytes` and
 * `modified`.
 *
 * Throws `DataError` for a folder that isn't there or holds no photograph, the reason of `signal` when it is aborted.
 *
 * @example
 * const { added, refused } = await indexFolder(index, 'photos');
 */
export async function indexFolder(
  index: ImageIndex,
  folder: string,
  options: IndexFolderOptions = {},
): Promise<IndexFolderReport> {
  checkOptions('indexFolder', options, ['prune', 'metadata', 'onProgress', 'signal']);
  const { prune = true, metadata = () => ({}), onProgress, signal } = options;
  const files = await listed(folder);
  const report = { added: 0, updated: 0, unchanged: 0, removed: 0, refused: [] as RefusedPhoto[] };
  const missing = new Set(index.ids());
  const fresh: { id: string; photo: string; metadata: Metadata }[] = [];
  for (const { id, path, size, modified } of files) {
    missing.delete(id);
    const known = index.get(id)?.metadata;
    if (known !== undefined && known.bytes === size && known.modified === modified) report.unchanged++;
    else fresh.push({ id, photo: path, metadata: { ...metadata(id), path, bytes: size, modified } });
  }
  if (prune) for (const id of missing) if (await index.delete(id)) report.removed++;
  for (let from = 0; from < fresh.length; from += PART) {
    signal?.throwIfAborted();
    onProgress?.(from, fresh.length);
    const part = fresh.slice(from, from + PART);
    const before = part.filter(({ id }) => index.has(id)).map(({ id }) => id);
    const refused = await index.add(part);
    const failed = new Set(refused.map(({ id }) => id));
    report.refused.push(...refused);
    report.updated += before.filter((id) => !failed.has(id)).length;
    report.added += part.length - before.length - refused.filter(({ id }) => !before.includes(id)).length;
  }
  onProgress?.(fresh.length, fresh.length);
  return report;
}

async function listed(folder: string): Promise<{ id: string; path: string; size: number; modified: string }[]> {
  const [fs, paths] = [nodeModule<Files>('node:fs'), nodeModule<Paths>('node:path')];
  if (fs === undefined || paths === undefined) {
    throw new ArgumentError('indexFolder: this runtime has no folders. Add photographs with index.add.');
  }
  const { IMAGE_EXTENSIONS } = await import('../node/index.js');
  let names: string[];
  try {
    names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (cause) {
    throw new DataError(`indexFolder: reading the folder ${folder} failed: ${(cause as Error).message}.`, { cause });
  }
  const photos = names.filter((name) => IMAGE_EXTENSIONS.includes(paths.extname(name).toLowerCase())).sort();
  const found = photos.flatMap((name) => {
    const path = paths.resolve(folder, name);
    const { size, mtime } = fs.statSync(path);
    return [{ id: name.replaceAll('\\', '/'), path, size, modified: mtime.toISOString() }];
  });
  if (found.length > 0) return found;
  throw new DataError(`indexFolder: ${folder} holds no photographs: no file ends with ${IMAGE_EXTENSIONS.join(', ')}.`);
}
