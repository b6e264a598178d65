import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/node/index.js';
import { ImageIndex, type SearchResult, searchPage, searchSheet } from '../../src/search/index.js';
import { openClassifier } from '../classify/classifyPhotos.js';
import { CommandError, UsageError } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { INDEX_NAME } from './indexPhotos.js';

/** What `stridenet search` is told. */
export interface SearchSettings {
  index: string;
  model?: string | undefined;
  top: number;
  minimum: number;
  where?: readonly string[] | undefined;
  exact?: boolean | undefined;
  json?: boolean | undefined;
  sheet?: string | undefined;
  page?: string | undefined;
}

/** Finds photographs like one. Returns the exit code: 1 where nothing was found. */
export async function searchPhoto(photo: string, settings: SearchSettings, terminal: Terminal): Promise<number> {
  const path = indexAt(settings.index);
  const filter = filterFrom(settings.where ?? []);
  const plain = await ImageIndex.open(path, { readOnly: true });
  const { dimension, info } = plain;
  await plain.close();
  const model = settings.model ?? (typeof info.model === 'string' ? info.model : undefined);
  if (model !== undefined && dimension > 0 && !existsSync(model)) {
    throw new CommandError(
      `The classifier of the index, ${model}, is not there. Name the place where it is with --model.`,
    );
  }
  const classifier = dimension === 0 ? undefined : (await openClassifier(model)).classifier;
  const index = await ImageIndex.open(path, { readOnly: true, classifier });
  try {
    const { top, minimum, exact } = settings;
    const result = await index.search(photo, { top, minimumSimilarity: minimum, filter, exact });
    if (settings.json) terminal.json({ photo, ...result });
    else print(result, terminal);
    if (settings.sheet !== undefined) await writeFileAtomic(settings.sheet, await searchSheet(photo, result));
    if (settings.page !== undefined) await writeFileAtomic(settings.page, await searchPage(photo, result));
    return result.identical.length + result.nearDuplicates.length + result.similar.length === 0 ? 1 : 0;
  } finally {
    await index.close();
  }
}

function print({ identical, nearDuplicates, similar }: SearchResult, terminal: Terminal): void {
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    terminal.print(terminal.colors.bold(title));
    for (const line of lines) terminal.print(`  ${line}`);
  };
  section(
    'identical pixels',
    identical.map(({ id }) => id),
  );
  section(
    'near-duplicates',
    nearDuplicates.map(
      ({ id, distance, turn }) => `${id}  ${distance} of 256 bits${turn === 'original' ? '' : `, ${turn}`}`,
    ),
  );
  section(
    'similar',
    similar.map(({ id, similarity }) => `${(similarity ?? 0).toFixed(3)}  ${id}`),
  );
  if (identical.length + nearDuplicates.length + similar.length === 0) terminal.note('Nothing was found.');
}

function indexAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, INDEX_NAME) : path;
  if (existsSync(found)) return found;
  throw new CommandError(`There is no index ${found}. Make one with: stridenet index FOLDER`);
}

/** `year=2021` also meets the number 2021. */
function filterFrom(conditions: readonly string[]): Record<string, (string | number | boolean)[]> {
  return Object.fromEntries(
    conditions.map((condition) => {
      const at = condition.indexOf('=');
      if (at < 1) throw new UsageError(`--where is '${condition}', but must be KEY=VALUE.`);
      const text = condition.slice(at + 1);
      const number = Number(text);
      const others = text === 'true' || text === 'false' ? [text === 'true'] : [];
      return [
        condition.slice(0, at),
        [text, ...(text.trim() !== '' && !Number.isNaN(number) ? [number] : []), ...others],
      ];
    }),
  );
}
