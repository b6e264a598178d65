import { join } from 'node:path';
import { workOnTrials } from '../../src/study/bullmq/index.js';
import { memoryJournal } from '../../src/study/index.js';
import { EXIT } from '../exitCodes.js';
import { interrupt } from '../interrupt.js';
import type { Terminal } from '../terminal.js';
import { openStudy, readSweep } from './config.js';
import { loadObjective } from './objective.js';
import { workerName } from './worker.js';
import { IS_WORKER, WorkerProcesses } from './workerProcesses.js';

/** The flags of `stridenet worker`. */
export interface WorkerOptions {
  queue?: string | undefined;
  name: string;
  workers: number;
  out: string;
  silence: number;
  idle?: number | undefined;
}

/** Works on the trials of a sweep that another process runs. Returns the exit code. */
export async function runWorkers(
  path: string,
  url: string,
  options: WorkerOptions,
  terminal: Terminal,
): Promise<number> {
  // A configuration that makes no sense is told before any process starts.
  readSweep(path);
  if (process.env[IS_WORKER] !== undefined) return workHere(path, url, options);
  const { signal: interrupted, done } = interrupt();
  // How containers are stopped.
  const terminated = new AbortController();
  const onTerminate = (): void => terminated.abort();
  process.on('SIGTERM', onTerminate);
  const signal = AbortSignal.any([interrupted, terminated.signal]);
  const { name, workers, out, silence, idle } = options;
  const words = ['worker', path, '--name', name, '--out', out, '--silence', `${silence}`];
  if (idle !== undefined) words.push('--idle', `${idle}`);
  // Not on the command line of a process, where other users would see the password.
  const processes = new WorkerProcesses(workers, words, { STRIDENET_QUEUE: url }, terminal.note);
  try {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await Promise.race([processes.ended(), aborted]);
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    await processes.stop();
    process.off('SIGTERM', onTerminate);
    done();
  }
}

/** One worker, in this process: it stops when the process that started it is gone or tells it to. */
async function workHere(path: string, url: string, { name, out, silence, idle }: WorkerOptions): Promise<number> {
  const config = readSweep(path);
  const stop = new AbortController();
  // Ctrl-C reaches all processes of a terminal; the first one decides.
  process.on('SIGINT', () => undefined);
  process.on('message', () => stop.abort());
  const orphaned = (): never => process.exit(EXIT.error);
  process.on('disconnect', orphaned);
  try {
    const study = openStudy(config, memoryJournal());
    const objective = await loadObjective(config, study);
    await workOnTrials(
      ({ config: values, key, attempt, until }, { report, signal }) =>
        objective(values, { report, signal, folder: join(out, 'trials', key), attempt, until }),
      {
        ...{ url, name, silence, idle },
        worker: workerName(process.pid),
        fingerprint: study.fingerprint,
        signal: stop.signal,
        onNote: (note) => process.send?.(`${workerName(process.pid)}: ${note}`),
      },
    );
  } finally {
    process.off('disconnect', orphaned);
    if (process.connected) process.disconnect();
  }
  return EXIT.ok;
}
