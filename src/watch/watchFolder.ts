import { stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import type { ClassifyOptions, Label } from '../classifier/answer.js';
import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { fileJournal, IMAGE_EXTENSIONS } from '../node/index.js';

/** Options of `watchFolder`. */
export interface WatchFolderOptions {
  /** Remembers what was classified, so that a restart goes on from there. Default: `.stridenet-watch.jsonl` in the folder. */
  journal?: string | undefined;
  /** Milliseconds for which a file must not grow before it is read. Default 500. */
  settle?: number | undefined;
  /** Which labels are answered. Default: those of `classify`. */
  classify?: Omit<ClassifyOptions, 'signal'> | undefined;
  /** Ends the watch. */
  signal: AbortSignal;
  /** Is told of a problem of the watch itself. Default: prints it to stderr. */
  onNote?: ((note: string) => void) | undefined;
}

/** What a photograph that has arrived shows, or why that can't be told. */
export interface Arrival {
  /** The file. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 at which it was written. A file that is written anew arrives again. */
  readonly modified: number;
  /** What it shows, the surest first. */
  readonly labels: readonly Label[];
  /** Why there is no label. */
  readonly reason?: string | undefined;
  /** When it was classified, ISO 8601. */
  readonly at: string;
}

/**
 * Classifies the photographs of a folder and all that arrive there, until the signal is aborted. Each file is classified once it has stopped growing, and
 * once in all: the journal remembers it, and a watch that was stopped or killed goes on with what it doesn't hold.
 *
 * Throws `DataError` for a folder that isn't there.
 *
 * @example
 * for await (const { path, labels } of watchFolder('inbox', classifier, { signal })) console.log(path, labels[0]?.name);
 */
export function watchFolder(
  folder: string,
  classifier: ImageClassifier,
  options: WatchFolderOptions,
): AsyncGenerator<Arrival, void> {
  checkOptions('watchFolder', options, ['journal', 'settle', 'classify', 'signal', 'onNote']);
  const { settle = 500, onNote = (note) => process.stderr.write(`${note}\n`) } = options;
  if (!(settle >= 0)) throw new ArgumentError(`watchFolder: settle is ${settle}, but must be milliseconds from 0.`);
  return arrivals(folder, classifier, { ...options, settle, onNote });
}

async function* arrivals(
  folder: string,
  classifier: ImageClassifier,
  options: WatchFolderOptions & { settle: number; onNote: (note: string) => void },
): AsyncGenerator<Arrival, void> {
  const { settle, signal, onNote } = options;
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) throw new DataError(`watchFolder: ${folder} is no folder. Make it, or name another one.`);
  const { watch } = await import('chokidar');
  const journal = fileJournal(options.journal ?? join(folder, '.stridenet-watch.jsonl'), { onNote });
  const known = new Set(journal.read(0).lines.map((line) => keyOf(JSON.parse(line) as Arrival)));
  const arrived: string[] = [];
  let wake = (): void => undefined;
  const watcher = watch(folder, {
    ignored: (path, stats) => stats?.isFile() === true && !IMAGE_EXTENSIONS.includes(extname(path).toLowerCase()),
    ...(settle > 0 && { awaitWriteFinish: { stabilityThreshold: settle, pollInterval: Math.min(100, settle) } }),
  });
  const arrive = (path: string): void => {
    arrived.push(path);
    wake();
  };
  watcher
    .on('add', arrive)
    .on('change', arrive)
    .on('error', (error) => onNote(`watching ${folder}: ${(error as Error).message}`));
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const path = arrived.shift();
      if (path === undefined) {
        await new Promise<void>((resolved) => (wake = resolved));
        continue;
      }
      const arrival = await classified(path, known, classifier, options.classify ?? {});
      if (arrival === undefined) continue;
      // Who is told of it finds it in the journal.
      journal.append([JSON.stringify(arrival)]);
      known.add(keyOf(arrival));
      yield arrival;
    }
  } finally {
    await watcher.close();
  }
}

async function classified(
  path: string,
  known: ReadonlySet<string>,
  classifier: ImageClassifier,
  how: ClassifyOptions,
): Promise<Arrival | undefined> {
  // It may be gone again.
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  const file = { path: resolve(path), size: found.size, modified: found.mtimeMs };
  if (known.has(keyOf(file))) return undefined;
  const at = new Date().toISOString();
  try {
    const { labels, rejected } = await classifier.classify(path, how);
    return { ...file, labels, ...(rejected !== undefined && { reason: rejected }), at };
  } catch (error) {
    if (error instanceof ArgumentError || !(error instanceof Error)) throw error;
    return { ...file, labels: [], reason: error.message, at };
  }
}

function keyOf({ path, size, modified }: Pick<Arrival, 'path' | 'size' | 'modified'>): string {
  return `${path} ${size} ${modified}`;
}
