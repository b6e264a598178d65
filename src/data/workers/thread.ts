import * as errors from '../../base/errors.js';
import { nodeModule } from '../../base/nodeModule.js';
import type { Stack } from '../stack.js';
import type { Answer, Job, Setup } from './job.js';

/** How long a waiting main thread gives a worker for a batch before it calls it lost. */
const PATIENCE_MS = 60_000;

interface NodeWorker {
  ref(): void;
  unref(): void;
  terminate(): unknown;
  on(event: string, listener: (value: unknown) => void): void;
}

interface NodeThreads {
  Worker: new (source: string, options: object) => NodeWorker;
  receiveMessageOnPort(port: MessagePort): { message: Answer } | undefined;
}

/** MessagePort of Node: it can be told not to keep the process alive. */
type Port = MessagePort & { ref?: (() => void) | undefined; unref?: (() => void) | undefined };

/** A batch that a worker makes. */
export class Delivery {
  /** Set once it has come, or once it is known that it never will. */
  outcome: { stack: Stack } | { error: unknown } | undefined;
  #listener: (() => void) | undefined;

  settle(outcome: { stack: Stack } | { error: unknown }): void {
    this.outcome ??= outcome;
    this.#listener?.();
  }

  /** The batch. Throws what the worker threw. */
  get stack(): Stack {
    const { outcome } = this;
    if (outcome === undefined) throw new errors.StridenetError('DataLoader: this batch has not come yet.');
    if ('error' in outcome) throw outcome.error;
    return outcome.stack;
  }

  /** Resolves once the outcome is there. */
  settled(): Promise<void> {
    if (this.outcome !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#listener = resolve;
    });
  }
}

/**
 * A worker thread that makes batches, in the order in which they were asked for. It does not keep a Node process alive, except
 * while somebody waits for a batch.
 */
export class DataThread {
  /** Why it can make no more batches. */
  lost: errors.StridenetError | undefined;
  readonly #pending = new Map<number, Delivery>();
  readonly #port: Port;
  readonly #worker: { ref?: (() => void) | undefined; unref?: (() => void) | undefined; terminate(): unknown };
  readonly #signal: Int32Array<SharedArrayBuffer> | undefined;
  readonly #patience: number;
  #nextId = 0;
  #waiting = 0;

  /** Starts `program`. Throws if the runtime has no workers or does not let them start. */
  constructor(program: string, options: { patienceMs?: number | undefined } = {}) {
    this.#patience = options.patienceMs ?? PATIENCE_MS;
    const node = nodeModule<NodeThreads>('node:worker_threads');
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    if (node !== undefined) this.#signal = new Int32Array(new SharedArrayBuffer(4));
    const setup: Setup = { port: port2, signal: this.#signal };
    this.#worker = node !== undefined ? this.#startInNode(node, program, setup) : this.#startOnPage(program, setup);
    port1.onmessage = ({ data }: MessageEvent<Answer>) => this.#receive(data);
    this.#port.unref?.();
    this.#worker.unref?.();
  }

  /** How many batches it still has to make. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Hands over a batch to make. The memory of images and spare goes along. */
  post(job: Omit<Job, 'id'>): Delivery {
    const delivery = new Delivery();
    if (this.lost !== undefined) {
      delivery.settle({ error: this.lost });
      return delivery;
    }
    const id = this.#nextId++;
    this.#pending.set(id, delivery);
    const memory = job.spare === undefined ? [job.images.buffer] : [job.images.buffer, job.spare.buffer];
    this.#port.postMessage({ id, ...job } satisfies Job, memory);
    return delivery;
  }

  /**
   * Blocks until `delivery` has its outcome; says false where this thread may not block, as in a browser.
   *
   * An ended worker is only heard of between two turns of the event loop; here its silence tells.
   */
  wait(delivery: Delivery): boolean {
    const signal = this.#signal;
    if (signal === undefined) return delivery.outcome !== undefined;
    const { receiveMessageOnPort } = nodeModule<NodeThreads>('node:worker_threads')!;
    let waited = 0;
    for (let before = performance.now(); ; ) {
      const answers = Atomics.load(signal, 0);
      for (let m = receiveMessageOnPort(this.#port); m !== undefined; m = receiveMessageOnPort(this.#port)) {
        this.#receive(m.message);
        waited = 0;
      }
      if (delivery.outcome !== undefined) return true;
      Atomics.wait(signal, 0, answers, 100);
      // Each turn counts for 100 ms at most: a machine that slept in between has not waited for a lost worker.
      const now = performance.now();
      waited += Math.min(100, now - before);
      before = now;
      if (waited > this.#patience) this.#lose(`made no batch within ${this.#patience / 1000} s`);
    }
  }

  /** Waits for `delivery` without blocking; the process stays alive meanwhile. */
  async settled(delivery: Delivery): Promise<void> {
    if (this.#waiting++ === 0) for (const part of [this.#port, this.#worker]) part.ref?.();
    await delivery.settled();
    if (--this.#waiting === 0) for (const part of [this.#port, this.#worker]) part.unref?.();
  }

  /** Ends it as a fault would, for tests. */
  kill(): void {
    this.#worker.terminate();
  }

  #startInNode({ Worker }: NodeThreads, program: string, setup: Setup): NodeWorker {
    // No flags and no environment of the process: loaders (tsx, coverage) would only delay the start.
    const options = { eval: true, workerData: setup, transferList: [setup.port], execArgv: [], env: {} };
    const worker = new Worker(program, { ...options, name: 'stridenet data' });
    worker.on('error', (error) => this.#lose(`stopped with ${String(error)}`));
    worker.on('exit', (code) => this.#lose(`exited with code ${String(code)}`));
    return worker;
  }

  #startOnPage(program: string, setup: Setup): Worker {
    const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
    const worker = new Worker(url, { name: 'stridenet data' });
    worker.onerror = (event) => this.#lose(`stopped with ${event.message}`);
    worker.postMessage(setup, [setup.port]);
    return worker;
  }

  #receive(answer: Answer): void {
    const delivery = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    delivery?.settle('stack' in answer ? answer : { error: errorFrom(answer.error) });
  }

  #lose(reason: string): void {
    this.lost ??= new errors.StridenetError(
      `DataLoader: a worker thread that prepares batches ${reason}. Begin the epoch again to start another one, or pass { workers: 0 } to prepare them in this thread.`,
    );
    for (const delivery of this.#pending.values()) delivery.settle({ error: this.lost });
    this.#pending.clear();
    this.#worker.terminate();
    this.#port.close();
  }
}

/** An error of this library as the class that it was, any other as an Error of that name. */
function errorFrom({ name, message }: { name: string; message: string }): Error {
  const known = errors as Record<string, new (message: string) => Error>;
  return Object.hasOwn(known, name) ? new known[name](message) : Object.assign(new Error(message), { name });
}
