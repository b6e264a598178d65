import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type AltChange, withAltTexts } from '../../src/describe/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import { CommandError } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { type ReviewEntry, readReview } from './reviewFile.js';

/** Writes what was decided into the pages. Returns the exit code. */
export async function applyReview(folder: string, path: string, terminal: Terminal): Promise<number> {
  const { entries } = readReview(path);
  const decided = entries.filter(({ decision }) => decision !== 'pending');
  const pages = new Map<string, string>();
  // All pages are made before the first one is written: an entry that doesn't fit leaves everything as it was.
  for (const file of new Set(decided.map((entry) => entry.file))) {
    const page = join(folder, file);
    if (relative(resolve(folder), resolve(page)).startsWith('..')) {
      throw new CommandError(`${path}: the page ${file} is outside of ${folder}.`);
    }
    try {
      pages.set(page, await changed(page, decided, file));
    } catch (error) {
      throw new CommandError(`${page}: ${(error as Error).message}`);
    }
  }
  for (const [page, html] of pages) await writeFileAtomic(page, html);
  const count = (wanted: string): number => entries.filter(({ decision }) => decision === wanted).length;
  terminal.print(
    `${pages.size} pages: ${count('accept')} accepted, ${count('edit')} edited, ${count('reject')} rejected, ${count('pending')} undecided.`,
  );
  return 0;
}

async function changed(page: string, decided: readonly ReviewEntry[], file: string): Promise<string> {
  const html = readFileSync(page, 'utf8');
  const changes = decided
    .filter((entry) => entry.file === file)
    .map(
      ({ index, src, text, decision }): AltChange => ({
        index,
        src,
        text: decision === 'reject' ? null : text,
        isSuggestion: false,
      }),
    );
  return withAltTexts(html, changes);
}
