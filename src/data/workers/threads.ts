import { DataThread } from './thread.js';

const threads: DataThread[] = [];
/** What each thread runs; undefined until it has been loaded. */
let program: string | undefined;
let loading: Promise<void> | undefined;
let warned = false;

/** Hands over the program that the threads run, so that even a loop that never awaits finds it. */
export function provideThreadProgram(text: string): void {
  program = text;
}

/** Loads the program that the threads run: only a page that uses workers pays for it. */
export function loadThreadProgram(): Promise<void> {
  if (program !== undefined) return Promise.resolve();
  loading ??= import('./source.js').then(
    ({ workerSource }) => provideThreadProgram(workerSource),
    (error) => {
      loading = undefined;
      warnOnce(`the program of the worker threads for data could not be loaded (${String(error)})`);
    },
  );
  return loading;
}

/**
 * `count` worker threads, or fewer if they cannot be started; none before their program is loaded. All loaders share them: they start
 * when first needed and then stay, asleep. Lost ones are replaced.
 */
export function dataThreads(count: number): readonly DataThread[] {
  if (program === undefined) return [];
  for (let i = 0; i < count; i++) {
    if (threads[i] !== undefined && threads[i].lost === undefined) continue;
    try {
      threads[i] = new DataThread(program);
    } catch (error) {
      warnOnce(`${i} of ${count} worker threads for data could be started (${String(error)})`);
      return threads.slice(0, i);
    }
  }
  return threads.slice(0, count);
}

function warnOnce(message: string): void {
  if (!warned) console.warn(`stridenet: ${message}.`);
  warned = true;
}
