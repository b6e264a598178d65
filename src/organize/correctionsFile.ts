import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '../base/errors.js';
import { writeFileAtomic } from '../node/index.js';

/** What somebody has said about a photograph, as it is remembered. */
export interface RememberedCorrection {
  /** SHA-256 of the pixels: a photograph that was moved or renamed keeps its correction. */
  readonly pixels: string;
  /** Where it was, for people. */
  readonly path: string;
  readonly label: string;
}

/** Reads the corrections of a folder; none where the file isn't there. Throws `DataError` for a file that is something else. */
export function readCorrections(path: string): RememberedCorrection[] {
  if (!existsSync(path)) return [];
  try {
    const list = JSON.parse(readFileSync(path, 'utf8')) as RememberedCorrection[];
    const isWhole =
      Array.isArray(list) &&
      list.every(({ pixels, label }) => typeof pixels === 'string' && typeof label === 'string' && label !== '');
    if (!isWhole) throw new Error('it is no list of { pixels, path, label }');
    return list;
  } catch (cause) {
    throw new DataError(`the corrections in ${path} can't be read: ${(cause as Error).message}.`, { cause });
  }
}

/** Adds corrections to those that there are; a newer one about the same pixels takes the place of an older one. */
export async function rememberCorrections(path: string, added: readonly RememberedCorrection[]): Promise<void> {
  const kept = readCorrections(path).filter(({ pixels }) => !added.some((each) => each.pixels === pixels));
  await writeFileAtomic(path, `${JSON.stringify([...kept, ...added], null, 2)}\n`);
}
