import { readFileSync } from 'node:fs';
import { CommandError } from '../flags.js';

/** What a person makes of a suggestion. */
export const DECISIONS = ['pending', 'accept', 'edit', 'reject'] as const;

/** One image of a page in a review file. */
export interface ReviewEntry {
  /** The page, relative to the folder. */
  file: string;
  line: number;
  index: number;
  src: string;
  text: string;
  confidence: number;
  /** Why there is no text. */
  reason?: string | undefined;
  decision: (typeof DECISIONS)[number];
}

/** The suggestions for a folder of pages. */
export interface ReviewFile {
  folder: string;
  how: string;
  entries: ReviewEntry[];
}

/** How to use the file, for whoever opens it. */
export const HOW =
  'Set each decision to accept, edit (and change the text) or reject. Then run: stridenet describe FOLDER --apply THIS_FILE';

/** Reads a review file. Throws `CommandError` in a sentence where it isn't one. */
export function readReview(path: string): ReviewFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`The review file ${path} can't be read: ${(error as Error).message}.`);
  }
  const { entries } = (parsed ?? {}) as Partial<ReviewFile>;
  if (!Array.isArray(entries)) {
    throw new CommandError(`${path} has no list of entries. Make it with: stridenet describe FOLDER --html.`);
  }
  for (const [i, entry] of entries.entries()) checkEntry(path, i, entry);
  return parsed as ReviewFile;
}

function checkEntry(path: string, i: number, entry: ReviewEntry): void {
  if (typeof entry !== 'object' || entry === null) throw new CommandError(`${path}: entry ${i} is no object.`);
  const { file, index, src, text, decision } = entry;
  const isWhole = typeof file === 'string' && typeof src === 'string' && typeof text === 'string';
  if (!isWhole || !Number.isSafeInteger(index)) {
    throw new CommandError(`${path}: entry ${i} needs a file, a src, a text and an index, as the command wrote them.`);
  }
  if (!DECISIONS.includes(decision)) {
    throw new CommandError(
      `${path}: entry ${i} (${src}) has the decision '${decision}', but must have one of ${DECISIONS.join(', ')}.`,
    );
  }
  if ((decision === 'accept' || decision === 'edit') && text.trim() === '') {
    throw new CommandError(
      `${path}: entry ${i} (${src}) has the decision '${decision}', but no text. Write one, or set the decision to reject.`,
    );
  }
}
