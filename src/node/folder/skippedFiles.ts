import { byCodePoint } from './textOrder.js';

/** A file or folder that was left out, and why. */
export interface SkippedFile {
  /** Relative to the folder of the data set. */
  path: string;
  /** A sentence. */
  reason: string;
}

/** What a data set is to do with files that it cannot read: throw an error, or leave them out and take note. */
export type OnError = 'throw' | 'skip';

/** How many of them a text names. */
const NAMED = 20;

/** The files that were left out, each once. */
export class SkippedFiles {
  readonly #reasons = new Map<string, string>();

  add(path: string, reason: string): void {
    if (!this.#reasons.has(path)) this.#reasons.set(path, reason);
  }

  /** In the order of their names. */
  get list(): SkippedFile[] {
    return [...this.#reasons].map(([path, reason]) => ({ path, reason })).sort((a, b) => byCodePoint(a.path, b.path));
  }
}

/** The skipped files as text: their number, and a line for each of the first twenty. Empty where there are none. */
export function describeSkipped(skipped: readonly SkippedFile[], total: number): string {
  if (skipped.length === 0) return '';
  const lines = skipped.slice(0, NAMED).map(({ path, reason }) => {
    return reason.includes(path) ? `  ${reason}` : `  ${path}: ${reason}`;
  });
  const rest = skipped.length > NAMED ? [`  and ${skipped.length - NAMED} more`] : [];
  return [`${skipped.length} of ${total} files were skipped:`, ...lines, ...rest].join('\n');
}
