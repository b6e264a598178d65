import { readFile } from 'node:fs/promises';
import { checkOptions } from '../base/checkOptions.js';
import { type Moderator, needsReview } from './moderator.js';
import type { DecisionRecord, ReviewStore } from './store/reviewStore.js';

/** Options of `workThrough`. */
export interface WorkThroughOptions {
  /** Names this worker in the store. Default: the number of the process. */
  worker?: string | undefined;
  /** Photographs that are taken and recorded together. Default 16. */
  batch?: number | undefined;
  /** Seconds after which others may take over what this worker took. Default 60. */
  lease?: number | undefined;
  /** Aborting it ends the work after the photograph at hand. */
  signal?: AbortSignal | undefined;
  /** Is told of each batch. */
  onDecided?: ((decisions: readonly DecisionRecord[]) => void) | undefined;
}

/** Decides about everything that waits in the store; any number of processes may do so at once. Returns how many decisions it recorded. */
export async function workThrough(
  store: ReviewStore,
  moderator: Pick<Moderator, 'decide'>,
  options: WorkThroughOptions = {},
): Promise<number> {
  checkOptions('workThrough', options, ['worker', 'batch', 'lease', 'signal', 'onDecided']);
  const { worker = String(process.pid), batch = 16, lease = 60, signal, onDecided } = options;
  let recorded = 0;
  while (!signal?.aborted) {
    const items = store.take(worker, batch, lease);
    if (items.length === 0) break;
    const decisions: DecisionRecord[] = [];
    for (const { id, source } of items) {
      if (signal?.aborted) break;
      // A file that is gone can't be read, like one that is damaged.
      const bytes = await readFile(source).catch(() => new Uint8Array());
      decisions.push(await moderator.decide(id, bytes));
    }
    recorded += store.decide(decisions, needsReview);
    onDecided?.(decisions);
  }
  return recorded;
}
