import { DataError, StridenetError } from '../../base/errors.js';
import { pause } from './pause.js';

/** Milliseconds between attempts. */
const AGAIN_MS = 500;
/** Error codes of the system, and PostgreSQL's while it starts or stops. */
const GONE = /^(E[A-Z]{4,}|57P0\d)$/;

/** What a server last said that went wrong, and since when it has not answered. */
export class Outage {
  readonly #who: string;
  readonly #shown: string;
  readonly #patience: number;
  readonly #onNote: (note: string) => void;
  #answered = Date.now();
  #isGone = false;
  /** The error that came last. */
  reason = 'it does not answer';

  constructor(who: string, shown: string, patience: number, onNote: (note: string) => void) {
    this.#who = who;
    this.#shown = shown;
    this.#patience = patience;
    this.#onNote = onNote;
  }

  /** An error event of a connection. */
  readonly heard = (error: Error): void => {
    // Both addresses of a host name fail together, without a message of their own.
    const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
    const { code } = first as { code?: string | undefined };
    this.reason = first.message || (code ?? first.name);
    if (code !== undefined && GONE.test(code)) this.#tell();
  };

  /** Runs `work` again and again until the server has answered. Throws `DataError` when it hasn't for `patience` seconds. */
  async persist<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    while (true) {
      const left = this.#answered + 1000 * this.#patience - Date.now();
      if (left <= 0) throw this.#error();
      try {
        const value = await within(work, left, signal);
        if (this.#isGone) this.#onNote(`The queue at ${this.#shown} is back.`);
        this.#isGone = false;
        this.#answered = Date.now();
        return value;
      } catch (error) {
        if (error === LATE) throw this.#error();
        if (signal?.aborted || error instanceof StridenetError) throw error;
        this.heard(error as Error);
        this.#tell();
        await pause(AGAIN_MS, signal);
      }
    }
  }

  #tell(): void {
    if (!this.#isGone) this.#onNote(`The queue at ${this.#shown} is gone: ${this.reason}. Waiting for it.`);
    this.#isGone = true;
  }

  #error(): DataError {
    return new DataError(
      `${this.#who}: the queue at ${this.#shown} has not answered for ${this.#patience} seconds: ${this.reason}. Nothing is lost: start again once the server runs.`,
    );
  }
}

const LATE = new Error('late');

/** Throws what `signal` was aborted with, or `LATE` after `ms` milliseconds. */
function within<T>(work: () => Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(LATE)), ms);
    const onAbort = (): void => end(() => reject(signal?.reason));
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);
    work().then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
