import { DataError } from '../../base/errors.js';
import { brokenChain, type ChainedRecord, chained, FIRST } from '../records.js';
import { type Database, openDatabase } from './database.js';

/** A photograph that waits for a decision. */
export interface StoredItem {
  /** What it is called. */
  readonly id: string;
  /** Where its file is. */
  readonly source: string;
}

/** The states that items go through. */
export type ItemState = 'waiting' | 'working' | 'review' | 'decided';

/** A photograph that waits for reviewers. */
export interface ReviewItem extends StoredItem {
  /** The decision that asked for the review, as it is recorded. */
  readonly decision: DecisionRecord;
}

/** What every decision record holds; models add more. */
export interface DecisionRecord {
  /** What the photograph is called. */
  readonly item: string;
  /** What was decided. */
  readonly action: 'allow' | 'review' | 'block';
  readonly [field: string]: unknown;
}

/** What a reviewer makes of a photograph. */
export type Verdict = 'allow' | 'block';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS items (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', worker TEXT, lease INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS items_by_state ON items (state, lease);
CREATE TABLE IF NOT EXISTS records (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, item TEXT NOT NULL, reviewer TEXT, json TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_decision ON records (item) WHERE kind = 'decision';
CREATE UNIQUE INDEX IF NOT EXISTS one_review ON records (item, reviewer) WHERE kind = 'review';
CREATE UNIQUE INDEX IF NOT EXISTS one_outcome ON records (item) WHERE kind = 'outcome';
CREATE TRIGGER IF NOT EXISTS records_stay BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_remain BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
`;

/** Items that one transaction adds. */
const CHUNK = 1000;

/**
 * The queue of a moderation and its records, in one SQLite file, for any number of processes of one machine. An item is decided exactly once: the
 * record and the state change together, and a worker that dies loses its lease.
 */
export class ReviewStore {
  readonly #db: Database;
  /** The file. */
  readonly path: string;

  private constructor(path: string, db: Database) {
    this.path = path;
    this.#db = db;
  }

  /** Opens the file, or makes it. Throws `DataError` where there is no SQLite, or the file is something else. */
  static async open(path: string): Promise<ReviewStore> {
    const db = openDatabase(path);
    try {
      db.transaction(() => db.exec(SCHEMA));
    } catch (cause) {
      db.close();
      throw new DataError(`${path} is no store of a moderation: ${(cause as Error).message}.`, { cause });
    }
    return new ReviewStore(path, db);
  }

  /** Adds items that aren't there yet; returns how many were new. */
  add(items: Iterable<StoredItem>): number {
    let added = 0;
    const list = [...items];
    for (let from = 0; from < list.length; from += CHUNK) {
      added += this.#db.transaction(() =>
        list
          .slice(from, from + CHUNK)
          .reduce(
            (sum, { id, source }) =>
              sum + this.#db.run('INSERT OR IGNORE INTO items (id, source) VALUES (?, ?)', id, source),
            0,
          ),
      );
    }
    return added;
  }

  /** Takes items that wait, or whose worker has been silent for longer than its lease of `seconds`. */
  take(worker: string, count: number, seconds = 60): StoredItem[] {
    const now = Date.now();
    return this.#db.transaction(() => {
      const free = this.#db.all<StoredItem>(`SELECT id, source FROM items WHERE state = 'waiting' LIMIT ?`, count);
      const lost =
        free.length >= count
          ? []
          : this.#db.all<StoredItem>(
              `SELECT id, source FROM items WHERE state = 'working' AND lease < ? LIMIT ?`,
              now,
              count - free.length,
            );
      const taken = [...free, ...lost].map(({ id, source }) => ({ id, source }));
      for (const { id } of taken) {
        this.#db.run(
          `UPDATE items SET state = 'working', worker = ?, lease = ? WHERE id = ?`,
          worker,
          now + 1000 * seconds,
          id,
        );
      }
      return taken;
    });
  }

  /** Records decisions and moves their items on; those that another worker has decided by now are left out. Returns how many were recorded. */
  decide(decisions: readonly DecisionRecord[], isForReview: (decision: DecisionRecord) => boolean): number {
    return this.#db.transaction(() => {
      let recorded = 0;
      for (const decision of decisions) {
        const open = this.#db.all(
          `SELECT 1 FROM items WHERE id = ? AND state IN ('waiting', 'working')`,
          decision.item,
        );
        if (open.length === 0) continue;
        this.#append('decision', decision.item, null, decision);
        const state: ItemState = isForReview(decision) ? 'review' : 'decided';
        this.#db.run('UPDATE items SET state = ?, worker = NULL WHERE id = ?', state, decision.item);
        recorded++;
      }
      return recorded;
    });
  }

  /** Items that wait for this reviewer: those that others have begun come first, so that pairs meet. */
  forReview(reviewer: string, count: number): ReviewItem[] {
    const rows = this.#db.all<{ id: string; source: string; json: string }>(
      `SELECT items.id, items.source, records.json,
         (SELECT count(*) FROM records r WHERE r.kind = 'review' AND r.item = items.id) AS begun
       FROM items JOIN records ON records.item = items.id AND records.kind = 'decision'
       WHERE items.state = 'review'
         AND NOT EXISTS (SELECT 1 FROM records r WHERE r.kind = 'review' AND r.item = items.id AND r.reviewer = ?)
       ORDER BY begun DESC, records.number LIMIT ?`,
      reviewer,
      count,
    );
    return rows.map(({ id, source, json }) => ({ id, source, decision: contentOf<DecisionRecord>(json) }));
  }

  /**
   * Records what a reviewer decided. The item is done when two reviewers agree (one is enough with `needed` 1); where two disagree, a third one
   * is asked. Returns the outcome, undefined while it is open.
   *
   * Throws `DataError` when the item is not under review, or this reviewer has reviewed it already.
   */
  review(item: string, reviewer: string, verdict: Verdict, needed = 2, at = new Date()): Verdict | undefined {
    return this.#db.transaction(() => {
      const [found] = this.#db.all<{ state: ItemState }>('SELECT state FROM items WHERE id = ?', item);
      if (found?.state !== 'review') {
        throw new DataError(
          `review: the item '${item}' is ${found === undefined ? 'not in the store' : `'${found.state}'`}, so there is nothing to review.`,
        );
      }
      const before = this.verdictsOf(item);
      if (before.some((each) => each.reviewer === reviewer)) {
        throw new DataError(`review: ${reviewer} has reviewed '${item}' already. A verdict stays as it was recorded.`);
      }
      this.#append('review', item, reviewer, { item, reviewer, verdict, at: at.toISOString() });
      const agreeing = before.filter((each) => each.verdict === verdict).length + 1;
      if (agreeing < needed) return undefined;
      this.#append('outcome', item, null, { item, action: verdict, reviews: before.length + 1, at: at.toISOString() });
      this.#db.run(`UPDATE items SET state = 'decided' WHERE id = ?`, item);
      return verdict;
    });
  }

  /** What reviewers have decided about an item, in the order in which they did. */
  verdictsOf(item: string): { reviewer: string; verdict: Verdict }[] {
    return this.#db
      .all<{ json: string }>(`SELECT json FROM records WHERE kind = 'review' AND item = ? ORDER BY number`, item)
      .map(({ json }) => contentOf<{ reviewer: string; verdict: Verdict }>(json));
  }

  /** How many items are in each state. */
  counts(): Record<ItemState, number> {
    const counts = { waiting: 0, working: 0, review: 0, decided: 0 };
    for (const { state, n } of this.#db.all<{ state: ItemState; n: number }>(
      'SELECT state, count(*) AS n FROM items GROUP BY state',
    )) {
      counts[state] = Number(n);
    }
    return counts;
  }

  /** Where the file of an item is. */
  sourceOf(item: string): string | undefined {
    return this.#db.all<StoredItem>('SELECT source FROM items WHERE id = ?', item)[0]?.source;
  }

  /** All records, in order; of one kind if asked. */
  *records(kind?: 'decision' | 'review' | 'outcome'): Generator<ChainedRecord & { readonly kind: string }> {
    for (let from = 0; ; ) {
      const rows = this.#db.all<ChainedRecord & { kind: string }>(
        `SELECT number, kind, json, previous, hash FROM records WHERE number > ? ORDER BY number LIMIT ?`,
        from,
        CHUNK,
      );
      if (rows.length === 0) return;
      for (const row of rows) {
        from = Number(row.number);
        if (kind === undefined || row.kind === kind) yield { ...row, number: from };
      }
    }
  }

  /** The decisions, in order. */
  *decisions(): Generator<DecisionRecord> {
    for (const { json } of this.records('decision')) yield contentOf<DecisionRecord>(json);
  }

  /** What was decided about an item. */
  decisionOf(item: string): DecisionRecord | undefined {
    const [row] = this.#db.all<{ json: string }>(`SELECT json FROM records WHERE kind = 'decision' AND item = ?`, item);
    return row && contentOf<DecisionRecord>(row.json);
  }

  /** The hash of the last record. Keep it elsewhere, to notice when records at the end are missing. */
  head(): string {
    return this.#db.all<{ hash: string }>('SELECT hash FROM records ORDER BY number DESC LIMIT 1')[0]?.hash ?? FIRST;
  }

  /** Whether nobody has touched the records: what is wrong with them, in a sentence, or undefined. `head` is a hash that must be among them. */
  problem(head: string = FIRST): string | undefined {
    const broken = brokenChain(this.records());
    if (broken !== undefined || head === FIRST) return broken;
    const [found] = this.#db.all('SELECT 1 FROM records WHERE hash = ?', head);
    return found === undefined ? `no record has the hash ${head}: records at the end are missing.` : undefined;
  }

  /** Closes the file. */
  close(): void {
    this.#db.close();
  }

  #append(kind: string, item: string, reviewer: string | null, content: unknown): void {
    const [last] = this.#db.all<{ number: number; hash: string }>(
      'SELECT number, hash FROM records ORDER BY number DESC LIMIT 1',
    );
    const record = chained(Number(last?.number ?? 0) + 1, last?.hash ?? FIRST, { kind, content });
    this.#db.run(
      'INSERT INTO records (number, kind, item, reviewer, json, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
      record.number,
      kind,
      item,
      reviewer,
      record.json,
      record.previous,
      record.hash,
    );
  }
}

/** What a record says. */
function contentOf<T>(json: string): T {
  return (JSON.parse(json) as { content: T }).content;
}
