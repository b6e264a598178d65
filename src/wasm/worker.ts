import { nodeModule } from '../base/nodeModule.js';
import { workerSource } from './control.js';

/** A worker thread of the pool. */
export interface WorkerHandle {
  /** Ends the thread; it is then not reported as lost. */
  stop(): void;
  /** Ends it as a fault would, for tests. */
  kill(): void;
}

interface NodeWorker {
  unref(): void;
  terminate(): Promise<number>;
  on(event: string, listener: (value: unknown) => void): void;
}

interface NodeWorkerThreads {
  Worker: new (source: string, options: object) => NodeWorker;
}

/** Whether this runtime can start workers that share memory. */
export function canStartWorkers(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  return nodeModule('node:worker_threads') !== undefined || typeof Worker !== 'undefined';
}

/** Starts a thread with `setup`; `onLost` hears when it ends without `stop`. */
export function startWorker(setup: object, onLost: (reason: string) => void): WorkerHandle {
  const threads = nodeModule<NodeWorkerThreads>('node:worker_threads');
  return threads !== undefined ? startNodeWorker(threads, setup, onLost) : startWebWorker(setup, onLost);
}

function startNodeWorker(threads: NodeWorkerThreads, setup: object, onLost: (reason: string) => void): WorkerHandle {
  // No flags and no environment of the process: loaders (tsx, coverage) would only delay the start.
  const options = { eval: true, workerData: setup, name: 'stridenet', execArgv: [], env: {} };
  const worker = new threads.Worker(workerSource, options);
  let stopping = false;
  worker.unref();
  worker.on('error', (error) => {
    if (!stopping) onLost(`stopped with ${String(error)}`);
  });
  worker.on('exit', (code) => {
    if (!stopping) onLost(`exited with code ${String(code)}`);
  });
  return {
    stop: () => {
      stopping = true;
      void worker.terminate();
    },
    kill: () => void worker.terminate(),
  };
}

function startWebWorker(setup: object, onLost: (reason: string) => void): WorkerHandle {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url, { name: 'stridenet' });
  let stopping = false;
  worker.onerror = (event) => {
    // A policy's refusal comes without a message.
    const reason = event.message ?? "no message; a Content-Security-Policy must allow 'worker-src blob:'";
    if (!stopping) onLost(`stopped with ${reason}`);
  };
  worker.postMessage(setup);
  const end = (): void => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  return {
    stop: () => {
      stopping = true;
      end();
    },
    kill: end,
  };
}
