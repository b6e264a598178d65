import { resolve } from 'node:path';
import { openQueue, ReviewStore, recordFromQueue, sendWaiting, workOnQueue } from '../../src/moderation/index.js';
import { photosIn } from '../classify/classifyPhotos.js';
import { interrupt } from '../interrupt.js';
import type { Terminal } from '../terminal.js';
import { type ModerateOptions, openModerator } from './openModerator.js';

/** Sends photographs to workers on other machines, and records what comes back, until everything is decided. */
export async function decideOverQueue(
  url: string,
  paths: readonly string[],
  options: ModerateOptions,
  terminal: Terminal,
): Promise<number> {
  const store = await ReviewStore.open(options.store);
  const queue = await openQueue(url);
  const { signal, done } = interrupt();
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort(), { once: true });
  try {
    store.add(photosIn(paths).map((path) => ({ id: resolve(path), source: resolve(path) })));
    terminal.note(
      `${await sendWaiting(store, queue)} photographs are in the queue; workers need to see them under the same paths`,
    );
    const recording = recordFromQueue(queue, store, stop);
    while (!stop.signal.aborted) {
      const { waiting, working } = store.counts();
      if (waiting + working === 0) stop.abort();
      else await new Promise((wait) => setTimeout(wait, 500));
    }
    await recording;
    const { decided, review } = store.counts();
    terminal.print(`${decided} decided, ${review} wait for reviewers`);
    return signal.aborted ? 130 : 0;
  } finally {
    done();
    await queue.close();
    store.close();
  }
}

/** Decides about photographs of a queue until Ctrl-C. */
export async function workOn(url: string, options: ModerateOptions, terminal: Terminal): Promise<number> {
  const moderator = await openModerator(options);
  const queue = await openQueue(url);
  const { signal, done } = interrupt();
  terminal.note('working; Ctrl-C ends it');
  let count = 0;
  const counting = {
    decide: async (item: string, photo: Uint8Array) => {
      const decision = await moderator.decide(item, photo);
      terminal.print(`${decision.action.padEnd(6)} ${item}`);
      count++;
      return decision;
    },
  };
  await workOnQueue(queue, counting, { signal });
  done();
  await queue.close();
  terminal.note(`${count} photographs decided`);
  return 0;
}
