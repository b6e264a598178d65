import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../flags.js';

/** Set for a process that works itself, instead of starting others. */
export const IS_WORKER = 'STRIDENET_WORKER';

/** Milliseconds before a process that died is started again. */
const AGAIN_MS = 500;

/** Processes of this program that work on the trials of a queue. One that is killed, or runs out of memory, is started again. */
export class WorkerProcesses {
  /** Fails when a process ends with an error of its own, which the next one would have too. */
  readonly failure: Promise<never>;
  readonly #words: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #note: (line: string) => void;
  readonly #living = new Set<ChildProcess>();
  #isStopping = false;
  #fail: (error: Error) => void = () => undefined;

  constructor(
    count: number,
    words: readonly string[],
    env: Readonly<Record<string, string>>,
    note: (line: string) => void,
  ) {
    this.#words = words;
    this.#env = env;
    this.#note = note;
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => undefined);
    for (let i = 0; i < count; i++) this.#start();
  }

  /** Until all have ended by themselves. */
  async ended(): Promise<void> {
    while (this.#living.size > 0) await Promise.race([sleep(100), this.failure]);
  }

  /** Tells all to end, and waits: a trial may have a checkpoint to save. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const child of this.#living) if (child.connected) child.send('stop', () => undefined);
    while (this.#living.size > 0) await sleep(30);
  }

  #start(): void {
    const child = fork(process.argv[1], this.#words, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...this.#env, [IS_WORKER]: '1' },
    });
    let errors = '';
    child.on('message', (line) => this.#note(String(line)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    this.#living.add(child);
    child.on('close', (code, signal) => {
      // Before it leaves the living, since ended() waits for none to be left.
      const isDeath = signal !== null || (code !== null && code > 128);
      if (isDeath && !this.#isStopping) {
        this.#note(`a worker was killed (${signal ?? `code ${code}`}); another one takes its place`);
        setTimeout(() => {
          this.#living.delete(child);
          if (!this.#isStopping) this.#start();
        }, AGAIN_MS);
        return;
      }
      this.#living.delete(child);
      if (code === 0 || this.#isStopping) return;
      this.#fail(new CommandError(errors.trim().replace(/^stridenet: /, '') || `a worker ended with code ${code}.`));
    });
  }
}
