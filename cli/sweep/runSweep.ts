import { type ChildProcess, fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileJournal, lockFolder, writeFileAtomic } from '../../src/node/index.js';
import type { Study, TrialInfo } from '../../src/study/index.js';
import { EXIT } from '../exitCodes.js';
import { CommandError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import type { Terminal } from '../terminal.js';
import { openStudy, readSweep } from './config.js';
import { runOverQueue } from './overQueue.js';
import { sweepPage } from './report.js';
import { sweepRows, sweepText } from './table.js';
import { Teller } from './teller.js';
import { pidOf, workerName, workOn } from './worker.js';

/** The flags of `stridenet sweep`. */
export interface SweepOptions {
  workers?: number | undefined;
  out?: string | undefined;
  json?: boolean | undefined;
  worker?: boolean | undefined;
  queue?: string | undefined;
  name?: string | undefined;
}

/** Who has a trial that a queue carries. */
const QUEUE = 'queue';
/** A trial whose process died so often is not tried again. */
const DEATHS = 3;
/** Milliseconds between looks at the journal. */
const LOOK_MS = 300;

/** Runs a sweep, or goes on with it, and writes its report. Returns the exit code. */
export async function runSweep(path: string, out: string, options: SweepOptions, terminal: Terminal): Promise<number> {
  const config = readSweep(path);
  if (options.worker) return workHere(path, out);
  const study = openStudy(config, fileJournal(join(out, 'journal.jsonl'), { onNote: terminal.note }));
  const lock = await lockFolder(out, { purpose: 'sweep', who: '--out' });
  const { signal, done } = interrupt();
  try {
    if (options.queue !== undefined) await runOverQueue(study, path, out, options, terminal, signal);
    else await new Workers(study, path, out, terminal).run(options.workers ?? 1, signal);
    const rows = sweepRows(study);
    await writeFileAtomic(join(out, 'table.json'), `${JSON.stringify(rows, null, 2)}\n`);
    await writeFileAtomic(join(out, 'report.html'), await sweepPage(study));
    if (options.json) terminal.json(rows);
    else terminal.print(`${sweepText(study)}\n\nthe report is in ${join(out, 'report.html')}`);
    if (!signal.aborted) return EXIT.ok;
    terminal.note('Stopped. The same command goes on.');
    return EXIT.interrupted;
  } finally {
    done();
    await lock.release();
  }
}

/** One worker, in this process: it stops when the process that started it is gone or tells it to. */
async function workHere(path: string, out: string): Promise<number> {
  const config = readSweep(path);
  const stop = new AbortController();
  // Ctrl-C reaches all processes of a terminal; the first one decides.
  if (process.send !== undefined) process.on('SIGINT', () => undefined);
  process.on('message', () => stop.abort());
  const orphaned = (): never => process.exit(EXIT.error);
  process.on('disconnect', orphaned);
  try {
    await mkdir(out, { recursive: true });
    await workOn(config, openStudy(config, fileJournal(join(out, 'journal.jsonl'))), out, stop.signal);
  } finally {
    // An open channel would keep the process alive.
    process.off('disconnect', orphaned);
    if (process.connected) process.disconnect();
  }
  return EXIT.ok;
}

/** The processes that work on a study. */
class Workers {
  readonly #study: Study;
  readonly #words: string[];
  readonly #terminal: Terminal;
  readonly #living = new Set<ChildProcess>();
  readonly #deaths = new Map<string, number>();
  #failure: Error | null = null;

  constructor(study: Study, path: string, out: string, terminal: Terminal) {
    this.#study = study;
    this.#words = ['sweep', path, '--out', out, '--worker'];
    this.#terminal = terminal;
  }

  /** Until all trials are over, or `signal` is aborted. */
  async run(count: number, signal: AbortSignal): Promise<void> {
    const teller = new Teller(this.#study, this.#terminal);
    // Of a sweep that had workers on other machines.
    for (const trial of this.#study.trials) {
      if (trial.state === 'running' && trial.worker === QUEUE)
        this.#study.requeue(trial, 'the queue is not used any more');
    }
    while (!signal.aborted && this.#failure === null && !this.#study.isDone) {
      this.#giveUpDead();
      while (this.#living.size < count) this.#start();
      teller.tell();
      await pause(LOOK_MS, signal);
    }
    for (const child of this.#living) if (child.connected) child.send('stop', () => undefined);
    while (this.#living.size > 0) await pause(LOOK_MS / 10);
    this.#giveUpDead();
    teller.tell();
    if (this.#failure !== null) throw this.#failure;
  }

  #start(): void {
    const child = fork(process.argv[1], this.#words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    this.#living.add(child);
    child.on('close', (code, signal) => {
      this.#living.delete(child);
      const worker = workerName(child.pid ?? 0);
      const lost = this.#study.trials.filter((trial) => trial.state === 'running' && trial.worker === worker);
      for (const trial of lost) this.#lose(trial);
      // Without a trial, the next one would fail in the same way.
      if (code !== 0 && signal === null && lost.length === 0) {
        this.#failure ??= new CommandError(
          errors.trim().replace(/^stridenet: /, '') || `a worker ended with code ${code}.`,
        );
      }
    });
  }

  /** Trials of processes that an earlier sweep left behind. */
  #giveUpDead(): void {
    for (const trial of this.#study.trials) {
      const pid = trial.state === 'running' ? pidOf(trial.worker) : undefined;
      const isOurs = [...this.#living].some((child) => child.pid === pid);
      if (pid !== undefined && !isOurs && !isAlive(pid)) this.#study.requeue(trial, 'its process is gone');
    }
  }

  #lose(trial: TrialInfo): void {
    const deaths = (this.#deaths.get(trial.key) ?? 0) + 1;
    this.#deaths.set(trial.key, deaths);
    if (deaths < DEATHS) this.#study.requeue(trial, 'its process died');
    else this.#study.fail(trial, `its process died ${deaths} times`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
