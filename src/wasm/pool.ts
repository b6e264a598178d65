import { StridenetError } from '../base/errors.js';
import { CLAIM_BITS, control, MAX_ARGUMENTS, MAX_CHUNKS } from './control.js';
import { startWorker, type WorkerHandle } from './worker.js';

/** How long the main thread waits without any progress for chunks that workers have taken before it calls one lost. */
const PATIENCE_MS = 30_000;

/** A kernel function in this thread's instance. */
export type KernelEntry = (...values: number[]) => void;

/** How many pools there have been. */
let made = 0;

/**
 * Worker threads that share the heap and take chunks of a kernel's work beside the main thread.
 *
 * One fork-join costs microseconds: workers wait on a word of shared memory, not for messages. Workers that are still
 * starting are simply not there yet: the main thread does their share. Idle workers sleep, and they do not keep a Node
 * process alive.
 */
export class Pool {
  /** The main thread and the workers that could be started, or will be. */
  readonly threads: number;
  /** Tells pools apart. */
  readonly serial = ++made;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #args: Float64Array<SharedArrayBuffer>;
  readonly #workers: WorkerHandle[] = [];
  readonly #patience: number;
  #isAsleep = true;
  #fork = 0;
  #holds = 0;
  #broken: string | null = null;

  /** With `later` the workers are started by the second run: they would come too late for the first, and only delay it. */
  constructor(
    threads: number,
    readonly memory: WebAssembly.Memory,
    options: { patienceMs?: number | undefined; later?: boolean | undefined } = {},
  ) {
    this.#patience = options.patienceMs ?? PATIENCE_MS;
    this.#words = new Int32Array(new SharedArrayBuffer(4 * (control.started + threads)));
    this.#args = new Float64Array(new SharedArrayBuffer(8 * MAX_ARGUMENTS));
    if (!options.later) this.#wake(threads);
    this.threads = options.later ? threads : this.#workers.length + 1;
  }

  #wake(threads: number): void {
    this.#isAsleep = false;
    try {
      for (let thread = 1; thread < threads; thread++) {
        const setup = { memory: this.memory, words: this.#words, args: this.#args, thread };
        this.#workers.push(startWorker(setup, (reason) => this.#lose(thread, reason)));
      }
    } catch (error) {
      warnNotStarted(this.#workers.length + 1, String(error));
    }
  }

  /** The workers, for tests that end one. */
  get workers(): readonly WorkerHandle[] {
    return this.#workers;
  }

  /** How many workers have begun to look for work. */
  get started(): number {
    return this.#workers.filter((_, i) => this.#hasStarted(i + 1)).length;
  }

  /** Tells the workers where the bytes of program `id` lie in the heap; they compile it when they first need it. */
  publish(id: number, pointer: number, length: number): void {
    Atomics.store(this.#words, control.programs + 2 * id, pointer | 0);
    Atomics.store(this.#words, control.programs + 2 * id + 1, length);
  }

  /**
   * Runs entry `entry` of program `id` over [0, units) in chunks of at least `grain`, on all threads; returns when all
   * is done. `local` is the entry in this thread's instance.
   *
   * Throws `StridenetError` when a worker has died or a kernel failed in one: the result is then incomplete. A worker
   * that died needs a new pool; after a kernel's failure this one goes on.
   */
  run(id: number, entry: number, local: KernelEntry, values: readonly number[], units: number, grain: number): void {
    if (this.#broken !== null) throw new StridenetError(this.#broken);
    if (this.#isAsleep && this.#fork > 0) this.#wake(this.threads);
    const words = this.#words;
    const size = Math.max(grain, Math.ceil(units / MAX_CHUNKS));
    const chunks = Math.ceil(units / size);
    const args = this.#args;
    for (let i = 0; i < values.length; i++) args[i] = values[i] as number;
    words[control.program] = id;
    words[control.entry] = entry;
    words[control.argumentCount] = values.length;
    words[control.units] = units;
    words[control.grain] = size;
    words[control.chunks] = chunks;
    Atomics.store(words, control.done, 0);
    this.#fork = (this.#fork + 1) & ((1 << (31 - CLAIM_BITS)) - 1);
    Atomics.store(words, control.claim, (this.#fork << CLAIM_BITS) | chunks);
    Atomics.notify(words, control.claim);
    try {
      for (;;) {
        const left = this.#take();
        if (left === 0) break;
        const begin = (chunks - left) * size;
        local(...values, begin, Math.min(begin + size, units), 0);
        Atomics.add(words, control.done, 1);
      }
    } catch (error) {
      // Nobody begins another chunk, and those begun end, before the caller hears of it: the memory is at rest then.
      let canceled = 1;
      while (this.#take() !== 0) canceled++;
      Atomics.add(words, control.done, canceled);
      this.#join(chunks);
      Atomics.store(words, control.failed, 0);
      throw error;
    }
    this.#join(chunks);
    this.#checkFailure();
  }

  /** Keeps the workers awake between forks, until `letGo`; calls may be nested. */
  hold(): void {
    this.#holds++;
    Atomics.store(this.#words, control.held, 1);
  }

  /** Lets idle workers sleep again. */
  letGo(): void {
    this.#holds--;
    if (this.#holds === 0) Atomics.store(this.#words, control.held, 0);
  }

  /** Ends the workers. */
  stop(): void {
    for (const worker of this.#workers) worker.stop();
    this.#workers.length = 0;
    this.#broken ??= 'stridenet: this pool of threads was stopped.';
  }

  /** Takes a chunk of the fork of the moment: how many were left with it, 0 for none. */
  #take(): number {
    const words = this.#words;
    for (;;) {
      const claim = Atomics.load(words, control.claim);
      const left = claim & MAX_CHUNKS;
      if (left === 0 || Atomics.compareExchange(words, control.claim, claim, claim - 1) === claim) return left;
    }
  }

  #join(chunks: number): void {
    const words = this.#words;
    for (let spins = 0; spins < SPINS; spins++) if (Atomics.load(words, control.done) >= chunks) return;
    let last = Atomics.load(words, control.done);
    let waited = 0;
    // Each turn counts for 100 ms at most: a machine that slept in between has not waited for a lost worker.
    for (let before = performance.now(); last < chunks; ) {
      if (canWait) Atomics.wait(words, control.done, last, 100);
      const now = performance.now();
      const done = Atomics.load(words, control.done);
      waited = done === last ? waited + Math.min(100, now - before) : 0;
      before = now;
      last = done;
      if (waited > this.#patience) {
        this.#break(`a worker thread did not finish its part within ${this.#patience / 1000} s`);
        throw new StridenetError(this.#broken as string);
      }
    }
  }

  #checkFailure(): void {
    const words = this.#words;
    const thread = words[control.failed];
    if (thread === 0) return;
    const text = words.subarray(control.message, control.message + words[control.messageLength]);
    words[control.failed] = 0;
    throw new StridenetError(
      `a kernel failed in worker thread ${thread} of ${this.threads - 1}: ${String.fromCharCode(...text)}`,
    );
  }

  #hasStarted(thread: number): boolean {
    return Atomics.load(this.#words, control.started + thread) === 1;
  }

  #lose(thread: number, reason: string): void {
    if (this.#hasStarted(thread)) this.#break(`worker thread ${thread} of ${this.threads - 1} ${reason}`);
    else warnNotStarted(thread, reason);
  }

  #break(what: string): void {
    this.#broken ??= `stridenet: ${what}. Call useKernels('simd') to start new threads, or pass { threads: 1 } to go on without.`;
  }
}

/** About 0.1 ms: the usual join is over by then, and a sleep would cost a system call. */
const SPINS = 20_000;

/** A worker that never came took no work: the others do it. */
function warnNotStarted(thread: number, reason: string): void {
  console.warn(`stridenet: worker thread ${thread} did not start (${reason}); kernels run on the other threads.`);
}

/** Browsers forbid the main thread to block; everybody else may. */
const canWait = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
})();
