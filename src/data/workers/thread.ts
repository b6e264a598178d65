import { nodeModule } from '../../base/nodeModule.js';
import type { Stack } from '../stack.js';
import type { Job } from './job.js';
import { type Delivery, type TaskSetup, TaskThread, type TaskWorker } from './taskThread.js';

interface NodeThreads {
  Worker: new (
    source: string,
    options: object,
  ) => TaskWorker & {
    on(event: string, listener: (value: unknown) => void): void;
  };
}

/** A worker thread that makes batches, in the order in which they were asked for. */
export class DataThread extends TaskThread<Omit<Job, 'id'>, { stack: Stack }> {
  /** Starts `program`. Throws if the runtime has no workers or does not let them start. */
  constructor(program: string, options: { patienceMs?: number | undefined } = {}) {
    super((setup, lose) => start(program, setup, lose), options);
  }

  /** Hands over a batch to make. The memory of images and spare goes along. */
  post(job: Omit<Job, 'id'>): Delivery<{ stack: Stack }> {
    const { images, spare } = job;
    return this.send(job, spare === undefined ? [images.buffer] : [images.buffer, spare.buffer]);
  }

  protected override sentenceOf(reason: string): string {
    return `DataLoader: a worker thread that prepares batches ${reason}. Begin the epoch again to start another one, or pass { workers: 0 } to prepare them in this thread.`;
  }
}

function start(program: string, setup: TaskSetup, lose: (reason: string) => void): TaskWorker {
  const node = nodeModule<NodeThreads>('node:worker_threads');
  if (node === undefined) return startOnPage(program, setup, lose);
  // No flags and no environment of the process: loaders (tsx, coverage) would only delay the start.
  const options = { eval: true, workerData: setup, transferList: [setup.port], execArgv: [], env: {} };
  const worker = new node.Worker(program, { ...options, name: 'stridenet data' });
  worker.on('error', (error) => lose(`stopped with ${String(error)}`));
  worker.on('exit', (code) => lose(`exited with code ${String(code)}`));
  return worker;
}

function startOnPage(program: string, setup: TaskSetup, lose: (reason: string) => void): Worker {
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'stridenet data' });
  worker.onerror = (event) => lose(`stopped with ${event.message}`);
  worker.postMessage(setup, [setup.port]);
  return worker;
}
