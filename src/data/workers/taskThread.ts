import * as errors from '../../base/errors.js';
import { nodeModule } from '../../base/nodeModule.js';

/** How long a waiting main thread gives a worker for an answer before it calls it lost. */
const PATIENCE_MS = 60_000;

/** What a worker gets when it starts. */
export interface TaskSetup {
  port: MessagePort;
  /** Its only word counts answers and wakes a main thread that waits for one; absent where none may wait. */
  signal?: Int32Array<SharedArrayBuffer> | undefined;
}

/** What a worker answers: a value, or an error by class and sentence. */
export type TaskAnswer<V> = { id: number } & (V | { error: { name: string; message: string } });

/** A started worker, of Node or of a page. */
export interface TaskWorker {
  ref?: (() => void) | undefined;
  unref?: (() => void) | undefined;
  terminate(): unknown;
}

interface NodeThreads {
  receiveMessageOnPort(port: MessagePort): { message: unknown } | undefined;
}

/** MessagePort of Node: it can be told not to keep the process alive. */
type Port = MessagePort & { ref?: (() => void) | undefined; unref?: (() => void) | undefined };

/** What a worker was asked for. */
export class Delivery<V> {
  /** Set once it has come, or once it is known that it never will. */
  outcome: { value: V } | { error: unknown } | undefined;
  #listener: (() => void) | undefined;

  settle(outcome: { value: V } | { error: unknown }): void {
    this.outcome ??= outcome;
    this.#listener?.();
  }

  /** What came. Throws what the worker threw. */
  get value(): V {
    const { outcome } = this;
    if (outcome === undefined) throw new errors.StridenetError('A worker thread has not answered yet.');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
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
 * A worker thread that does jobs in the order in which they were posted. It does not keep a Node process alive, except while somebody waits
 * for an answer.
 */
export abstract class TaskThread<Job extends object, V extends object> {
  /** Why it can do no more jobs. */
  lost: errors.StridenetError | undefined;
  readonly #pending = new Map<number, Delivery<V>>();
  readonly #port: Port;
  readonly #worker: TaskWorker;
  readonly #signal: Int32Array<SharedArrayBuffer> | undefined;
  readonly #patience: number;
  #nextId = 0;
  #waiting = 0;

  /** `start` starts the worker and tells its end to `lose`. Throws what `start` throws. */
  constructor(
    start: (setup: TaskSetup, lose: (reason: string) => void) => TaskWorker,
    options: { patienceMs?: number | undefined } = {},
  ) {
    this.#patience = options.patienceMs ?? PATIENCE_MS;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    if (nodeModule('node:worker_threads') !== undefined) this.#signal = new Int32Array(new SharedArrayBuffer(4));
    this.#worker = start({ port: port2, signal: this.#signal }, (reason) => this.#lose(reason));
    port1.onmessage = ({ data }: MessageEvent<TaskAnswer<V>>) => this.#receive(data);
    this.#port.unref?.();
    this.#worker.unref?.();
  }

  /** What a job that was lost with the worker says: what happened, and the way out. */
  protected abstract sentenceOf(reason: string): string;

  /** How many jobs it still has to do. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Hands over a job. The memory of `transfer` goes along. */
  protected send(job: Job, transfer: Transferable[] = []): Delivery<V> {
    const delivery = new Delivery<V>();
    if (this.lost !== undefined) {
      delivery.settle({ error: this.lost });
      return delivery;
    }
    const id = this.#nextId++;
    this.#pending.set(id, delivery);
    this.#port.postMessage({ id, ...job }, transfer);
    return delivery;
  }

  /** Takes in what has been answered, without waiting: a loop that never lets the event loop turn hears nothing else. */
  poll(): void {
    if (this.#signal === undefined) return;
    const { receiveMessageOnPort } = nodeModule<NodeThreads>('node:worker_threads')!;
    for (let m = receiveMessageOnPort(this.#port); m !== undefined; m = receiveMessageOnPort(this.#port)) {
      this.#receive(m.message as TaskAnswer<V>);
    }
  }

  /**
   * Blocks until `delivery` has its outcome; says false where this thread may not block, as in a browser.
   *
   * An ended worker is only heard of between two turns of the event loop; here its silence tells.
   */
  wait(delivery: Delivery<V>): boolean {
    const signal = this.#signal;
    if (signal === undefined) return delivery.outcome !== undefined;
    const { receiveMessageOnPort } = nodeModule<NodeThreads>('node:worker_threads')!;
    let waited = 0;
    for (let before = performance.now(); ; ) {
      const answers = Atomics.load(signal, 0);
      for (let m = receiveMessageOnPort(this.#port); m !== undefined; m = receiveMessageOnPort(this.#port)) {
        this.#receive(m.message as TaskAnswer<V>);
        waited = 0;
      }
      if (delivery.outcome !== undefined) return true;
      Atomics.wait(signal, 0, answers, 100);
      // Each turn counts for 100 ms at most: a machine that slept in between has not waited for a lost worker.
      const now = performance.now();
      waited += Math.min(100, now - before);
      before = now;
      if (waited > this.#patience) this.#lose(`gave no answer within ${this.#patience / 1000} s`);
    }
  }

  /** Waits for `delivery` without blocking; the process stays alive meanwhile. */
  async settled(delivery: Delivery<V>): Promise<void> {
    if (this.#waiting++ === 0) for (const part of [this.#port, this.#worker]) part.ref?.();
    await delivery.settled();
    if (--this.#waiting === 0) for (const part of [this.#port, this.#worker]) part.unref?.();
  }

  /** Ends it as a fault would, for tests. */
  kill(): void {
    this.#worker.terminate();
  }

  #receive(answer: TaskAnswer<V>): void {
    const delivery = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    delivery?.settle('error' in answer ? { error: errorFrom(answer.error) } : { value: answer });
  }

  #lose(reason: string): void {
    this.lost ??= new errors.StridenetError(this.sentenceOf(reason));
    for (const delivery of this.#pending.values()) delivery.settle({ error: this.lost });
    this.#pending.clear();
    this.#worker?.terminate();
    this.#port.close();
  }
}

/** An error of this library as the class that it was, any other as an Error of that name. */
function errorFrom({ name, message }: { name: string; message: string }): Error {
  const known = errors as Record<string, new (message: string) => Error>;
  return Object.hasOwn(known, name) ? new known[name](message) : Object.assign(new Error(message), { name });
}
