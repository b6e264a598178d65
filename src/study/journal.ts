/** Lines of a journal, and where the next ones will be. */
export interface JournalPart {
  /** Whole lines, without their ends. */
  lines: readonly string[];
  /** Where to read on. */
  end: number;
}

/** Where a study keeps what happened: lines of text that are only ever added. Several studies may share one. */
export interface Journal {
  /** What errors call it: a path, or 'the journal in memory'. */
  readonly name: string;
  /** The lines from a place on: 0, or the `end` of an earlier part. */
  read(from: number): JournalPart;
  /** Adds lines. Only called inside `exclusive`. */
  append(lines: readonly string[]): void;
  /** Runs `work` while no other writer adds a line. */
  exclusive<T>(work: () => T): T;
  /** Is told of what was repaired, such as a last line that was cut off. */
  onNote?: ((note: string) => void) | undefined;
}

/** A journal that lives as long as the program. `lines` is what stood in an earlier one. */
export function memoryJournal(lines: readonly string[] = []): Journal & { readonly lines: readonly string[] } {
  const kept = [...lines];
  return {
    name: 'the journal in memory',
    lines: kept,
    read: (from) => ({ lines: kept.slice(from), end: kept.length }),
    append: (added) => void kept.push(...added),
    exclusive: (work) => work(),
  };
}
