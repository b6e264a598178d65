import { hostname } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { distributeTrials } from '../../src/study/bullmq/index.js';
import type { Study } from '../../src/study/index.js';
import type { Terminal } from '../terminal.js';
import type { SweepOptions } from './runSweep.js';
import { Teller } from './teller.js';
import { WorkerProcesses } from './workerProcesses.js';

/** The name of the queue unless one is given: that of CONFIG, so that sweep and workers agree. */
export function defaultName(path: string): string {
  return basename(path, extname(path));
}

/** Hands the trials of a study to `stridenet worker`, here and on other machines, until all are over or `signal` is aborted. */
export async function runOverQueue(
  study: Study,
  path: string,
  out: string,
  { queue: url = '', name = defaultName(path), workers = 0 }: SweepOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const teller = new Teller(study, terminal);
  const words = ['worker', path, '--name', name, '--out', out];
  const processes = new WorkerProcesses(workers, words, { STRIDENET_QUEUE: url }, terminal.note);
  const failed = new AbortController();
  processes.failure.catch(() => failed.abort());
  if (workers === 0) terminal.note(`Waiting for workers: stridenet worker ${path} --queue ... --name ${name}`);
  try {
    await distributeTrials(study, {
      url,
      name,
      home: `${hostname()}:${resolve(out)}`,
      signal: AbortSignal.any([signal, failed.signal]),
      onNote: terminal.note,
      onLook: () => teller.tell(),
    });
    if (failed.signal.aborted) await processes.failure;
  } finally {
    await processes.stop();
  }
}
