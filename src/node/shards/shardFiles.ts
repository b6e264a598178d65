import { statSync } from 'node:fs';
import { DataError } from '../../base/errors.js';
import { imageFilesBelow } from '../folder/scanFolder.js';
import { SkippedFiles } from '../folder/skippedFiles.js';
import { byCodePoint } from '../folder/textOrder.js';

/**
 * The files that are meant by a path, a folder, a pattern with `{0000..0127}`, or a list of those.
 *
 * Throws `DataError` for files that do not exist, and when there is none.
 */
export function shardFiles(who: string, shards: string | readonly string[], endings: readonly string[]): string[] {
  const given = typeof shards === 'string' ? [shards] : [...shards];
  const files = given.flatMap(numbered).flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new DataError(`${who}: there is no shard ${path}.`);
    if (!found.isDirectory()) return [path];
    return imageFilesBelow(path, { extensions: endings, onError: 'throw', skipped: new SkippedFiles() }).sort(
      byCodePoint,
    );
  });
  if (files.length > 0) return files;
  throw new DataError(
    `${who}: there are no shards in ${given.join(', ') || 'an empty list'}: no file ends with ${endings.join(', ')}.`,
  );
}

/** `a-{08..10}.tar` as a-08.tar, a-09.tar and a-10.tar. */
function numbered(path: string): string[] {
  const range = /\{(\d+)\.\.(\d+)\}/.exec(path);
  if (range === null) return [path];
  const [first, last] = [Number(range[1]), Number(range[2])];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => {
    const number = String(first + k).padStart(range[1].length, '0');
    return path.slice(0, range.index) + number + path.slice(range.index + range[0].length);
  }).flatMap(numbered);
}
