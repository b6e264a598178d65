import { type MessagePort, Worker } from 'node:worker_threads';
import { type Delivery, type TaskSetup, TaskThread, type TaskWorker } from '../../data/workers/taskThread.js';
import type { PhotoJob, PreparedPhoto } from './photoJob.js';
import { programUrl } from './programUrl.js';

/** A thread that decodes photographs and makes them images of one size, in the order in which they were asked for. */
export class PhotoThread extends TaskThread<PhotoJob, PreparedPhoto> {
  constructor() {
    super(start);
  }

  post(job: PhotoJob): Delivery<PreparedPhoto> {
    return this.send(job);
  }

  protected override sentenceOf(reason: string): string {
    return `A thread that decodes photographs ${reason}. Begin the epoch again to start another one.`;
  }
}

function start(setup: TaskSetup, lose: (reason: string) => void): TaskWorker {
  const worker = new Worker(programUrl(), {
    workerData: setup,
    transferList: [setup.port as unknown as MessagePort],
    execArgv: [],
    name: 'stridenet photographs',
  });
  worker.on('error', (error) => lose(`stopped with ${String(error)}`));
  worker.on('exit', (code) => lose(`exited with code ${code}`));
  return worker;
}
