import { readFile } from 'node:fs/promises';
import { type Moderator, needsReview } from '../moderator.js';
import type { ReviewStore } from '../store/reviewStore.js';
import type { JobQueue } from './jobQueue.js';

/** How long the functions of queues work. */
export interface QueueWorkOptions {
  /** Aborting it ends the work. */
  signal: AbortSignal;
}

/** Items that are taken from the store and sent at a time. */
const CHUNK = 500;
/** Seconds after which an item that was sent is sent again, if nothing has come back: a day. */
const PATIENCE = 86_400;

/** Sends everything that waits in a store to the workers of a queue. Returns how many items were sent. */
export async function sendWaiting(store: ReviewStore, queue: JobQueue): Promise<number> {
  let sent = 0;
  for (;;) {
    const items = store.take('queue', CHUNK, PATIENCE);
    if (items.length === 0) return sent;
    await queue.send('items', items);
    sent += items.length;
  }
}

/** Decides about items of a queue, on any machine that can read their files, until the signal is aborted. */
export async function workOnQueue(
  queue: JobQueue,
  moderator: Pick<Moderator, 'decide'>,
  { signal }: QueueWorkOptions,
): Promise<void> {
  await queue.work(
    'items',
    async ({ id, source }) => {
      const bytes = await readFile(source).catch(() => new Uint8Array());
      await queue.send('decisions', [await moderator.decide(id, bytes)]);
    },
    signal,
  );
}

/** Records in the store what comes back from workers, until the signal is aborted. What comes twice is recorded once. */
export async function recordFromQueue(
  queue: JobQueue,
  store: ReviewStore,
  { signal }: QueueWorkOptions,
): Promise<void> {
  await queue.work('decisions', async (decision) => void store.decide([decision], needsReview), signal);
}
