import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImageClassifier, type Outcome } from '../../src/classifier/index.js';
import { IMAGE_EXTENSIONS } from '../../src/node/index.js';
import { CommandError } from '../flags.js';
import type { Terminal } from '../terminal.js';

/** The classifier that travels with the package. */
const OWN = 'cifar10-airbench93.safetensors';

/** Files as they are, and of folders all photographs inside, sorted. Throws `CommandError` for a folder without any. */
export function photosIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => IMAGE_EXTENSIONS.includes(extname(name).toLowerCase()))
      .sort();
    if (names.length === 0) throw new CommandError(`There is no photograph in ${path}.`);
    return names.map((name) => join(path, name));
  });
}

/** The classifier of a file, or the one that travels with the package. */
export async function openClassifier(path?: string): Promise<{ classifier: ImageClassifier; isOwn: boolean }> {
  if (path !== undefined) return { classifier: await ImageClassifier.load(path), isOwn: false };
  return { classifier: await ImageClassifier.load(ownWeights()), isOwn: true };
}

/** In the package, the program is dist/cli.js; in a clone it is here. */
function ownWeights(): string {
  const found = [`../weights/${OWN}`, `../../weights/${OWN}`]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found !== undefined) return found;
  throw new CommandError(`The weights ${OWN} are not in this package. Name a classifier with --model FILE.`);
}

/** How answers are printed. */
export function writers(terminal: Terminal): Record<'text' | 'json' | 'csv', (outcome: Outcome) => void> {
  let isFirst = true;
  return {
    text({ photo, result, error }) {
      if (result === undefined) return terminal.note(`${photo}: ${(error as Error).message}`);
      const { labels, rejected } = result;
      const words = labels.map(({ name, confidence }) => `${name} ${(100 * confidence).toFixed(1)} %`);
      terminal.print(`${photo}: ${rejected === undefined ? words.join(', ') : `not sure: ${rejected}`}`);
    },
    json({ photo, result, error }) {
      terminal.print(JSON.stringify({ photo, ...(result ?? { error: (error as Error).message }) }));
    },
    csv({ photo, result, error }) {
      if (isFirst) terminal.print('photo,rank,label,confidence,reason');
      isFirst = false;
      if (result === undefined) return terminal.print(row([photo, '', '', '', (error as Error).message]));
      if (result.labels.length === 0) terminal.print(row([photo, '', '', '', result.rejected]));
      for (const [i, { name, confidence }] of result.labels.entries()) {
        terminal.print(row([photo, i + 1, name, confidence.toFixed(6), '']));
      }
    },
  };
}

/** A line of CSV (RFC 4180). */
function row(values: readonly unknown[]): string {
  return values
    .map((value) => {
      const text = String(value ?? '');
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
