import { ArgumentError } from '../../base/errors.js';
import type { DecisionRecord, StoredItem } from '../store/reviewStore.js';

/** What travels: items to decide about, and decisions to record. */
export interface Topics {
  /** Photographs to decide about. */
  readonly items: StoredItem;
  /** Decisions to record. */
  readonly decisions: DecisionRecord;
}

/** A queue that several machines share. It delivers each job at least once. */
export interface JobQueue {
  /** Adds jobs. */
  send<T extends keyof Topics>(topic: T, jobs: readonly Topics[T][]): Promise<void>;
  /**
   * Hands jobs to `handler` until the signal is aborted. A job whose handler throws or whose process dies is delivered again, to whoever works on the
   * topic.
   */
  work<T extends keyof Topics>(
    topic: T,
    handler: (job: Topics[T]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** Loads a package that users install beside stridenet. Throws `ArgumentError` where it isn't there. */
export async function optionalPackage<T>(load: () => Promise<T>, names: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new ArgumentError(`openQueue: this address needs ${names}. Install with: npm install ${names}.`, { cause });
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
