import { StridenetError } from '../../errors.js';
import { CLAIM_BITS, control, MAX_ARGUMENTS, MAX_CHUNKS, workerSource } from './control.js';

/** How long the main thread waits for chunks that workers have taken before it says that one is lost. */
const PATIENCE_MS = 30_000;

interface Handle {
  /** Ends the thread. */
  stop(): void;
}

/**
 * Worker threads that share the heap and take chunks of a kernel's work beside the main thread.
 *
 * One fork-join costs microseconds: workers wait on a word of shared memory, not for messages. Workers that are still
 * starting are simply not there yet: the main thread does their share. Idle workers sleep, and they do not keep a Node
 * process alive.
 */
export class Pool {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #args: Float64Array<SharedArrayBuffer>;
  readonly #workers: Handle[] = [];
  #fork = 0;
  #broken: string | null = null;

  constructor(
    readonly threads: number,
    readonly memory: WebAssembly.Memory,
  ) {
    this.#words = new Int32Array(new SharedArrayBuffer(4 * control.words));
    this.#args = new Float64Array(new SharedArrayBuffer(8 * MAX_ARGUMENTS));
    for (let thread = 1; thread < threads; thread++) {
      const setup = { memory, words: this.#words, args: this.#args, thread, bits: CLAIM_BITS };
      this.#workers.push(startWorker(setup, (reason) => this.#lose(thread, reason)));
    }
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
   * Throws `StridenetError` when a worker has died or failed: the result is then incomplete.
   */
  run(id: number, entry: number, local: KernelEntry, values: readonly number[], units: number, grain: number): void {
    if (this.#broken !== null) throw new StridenetError(this.#broken);
    const words = this.#words;
    const size = Math.max(grain, Math.ceil(units / MAX_CHUNKS));
    const chunks = Math.ceil(units / size);
    this.#args.set(values);
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

    for (;;) {
      const claim = Atomics.load(words, control.claim);
      const left = claim & MAX_CHUNKS;
      if (left === 0) break;
      if (Atomics.compareExchange(words, control.claim, claim, claim - 1) !== claim) continue;
      const begin = (chunks - left) * size;
      local(...values, begin, Math.min(begin + size, units), 0);
      Atomics.add(words, control.done, 1);
    }
    this.#join(chunks);
  }

  /** Ends the workers. */
  stop(): void {
    for (const worker of this.#workers) worker.stop();
    this.#workers.length = 0;
  }

  #join(chunks: number): void {
    const words = this.#words;
    for (let spins = 0; spins < 20_000; spins++) if (Atomics.load(words, control.done) >= chunks) break;
    const start = Date.now();
    for (;;) {
      const done = Atomics.load(words, control.done);
      if (done >= chunks) break;
      if (canWait) Atomics.wait(words, control.done, done, 100);
      if (Date.now() - start > PATIENCE_MS) {
        this.#lose(0, `did not finish its part within ${PATIENCE_MS / 1000} s`);
        throw new StridenetError(this.#broken as string);
      }
    }
    const failed = Atomics.exchange(words, control.failed, 0);
    if (failed !== 0) {
      this.#lose(failed, 'failed inside a kernel; its error is on the console');
      throw new StridenetError(this.#broken as string);
    }
  }

  #lose(thread: number, reason: string): void {
    const who = thread === 0 ? 'a worker thread' : `worker thread ${thread} of ${this.threads - 1}`;
    this.#broken ??= `stridenet: ${who} ${reason}. Call useKernels('simd') to start new ones, or { threads: 1 } to go on without.`;
  }
}

export type KernelEntry = (...values: number[]) => void;

/** Browsers forbid the main thread to block; everybody else may. */
const canWait = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
})();

interface NodeProcess {
  getBuiltinModule?: (name: string) => unknown;
}

interface NodeWorkerThreads {
  Worker: new (
    source: string,
    options: { eval: true; workerData: unknown; name: string },
  ) => {
    unref(): void;
    terminate(): Promise<number>;
    on(event: string, listener: (value: unknown) => void): void;
  };
}

/** Node's worker_threads, reached without an import that a bundler for browsers would trip over; null in browsers. */
function nodeWorkerThreads(): NodeWorkerThreads | null {
  const node = (globalThis as { process?: NodeProcess }).process;
  return (node?.getBuiltinModule?.('node:worker_threads') as NodeWorkerThreads | undefined) ?? null;
}

/** Whether this runtime can start workers that share memory. */
export function canStartWorkers(): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && (nodeWorkerThreads() !== null || typeof Worker !== 'undefined');
}

function startWorker(setup: object, onLost: (reason: string) => void): Handle {
  let stopping = false;
  const lost = (reason: string): void => {
    if (!stopping) onLost(reason);
  };
  const node = nodeWorkerThreads();
  if (node !== null) {
    const worker = new node.Worker(workerSource, { eval: true, workerData: setup, name: 'stridenet' });
    worker.unref();
    worker.on('error', (error) => lost(`stopped with ${String(error)}`));
    worker.on('exit', (code) => lost(`exited with code ${String(code)}`));
    return {
      stop: () => {
        stopping = true;
        void worker.terminate();
      },
    };
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'stridenet' });
  worker.onerror = (event) => lost(`stopped with ${event.message}`);
  worker.postMessage(setup);
  return {
    stop: () => {
      stopping = true;
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
