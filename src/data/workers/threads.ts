import { DataThread } from './thread.js';

const threads: DataThread[] = [];
let warned = false;

/**
 * `count` worker threads, or fewer where they cannot be started. All loaders share them: they are started when first needed and
 * stay, asleep. Lost ones are replaced.
 */
export function dataThreads(count: number): readonly DataThread[] {
  for (let i = 0; i < count; i++) {
    if (threads[i] !== undefined && threads[i].lost === undefined) continue;
    try {
      threads[i] = new DataThread();
    } catch (error) {
      if (!warned) {
        warned = true;
        console.warn(`stridenet: ${i} of ${count} worker threads for data could be started (${String(error)}).`);
      }
      return threads.slice(0, i);
    }
  }
  return threads.slice(0, count);
}
