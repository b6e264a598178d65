import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { DataError, FormatError } from '../base/errors.js';
import { messageOf } from './files.js';

/**
 * The real path of a file that another file names, in the folder of that or below. Links are followed first, so that what is opened
 * lies there too.
 *
 * Throws `FormatError` for any other place, `DataError` when there is no such file.
 */
export function insideFolder(folder: string, name: string): string {
  const parts = name.split(/[/\\]/);
  if (name === '' || isAbsolute(name) || /[\\:\0]/.test(name) || parts.includes('..')) {
    throw new FormatError(`it names the file ${JSON.stringify(name)}, which is not in its folder.`);
  }
  const path = join(folder, name);
  let real: string;
  let way: string;
  try {
    real = realpathSync(path);
    way = relative(realpathSync(folder), real);
  } catch (cause) {
    throw new DataError(`reading ${path} failed: ${messageOf(cause)}`, { cause });
  }
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new FormatError(
      `it names the file ${JSON.stringify(name)}, a link that leads out of its folder. Put the file itself there.`,
    );
  }
  return real;
}
