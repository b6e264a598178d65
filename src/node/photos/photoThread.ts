import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Delivery, type TaskSetup, TaskThread, type TaskWorker } from '../../data/workers/taskThread.js';
import type { PhotoJob, PreparedPhoto } from './photoJob.js';

/** A thread that decodes photographs and makes them images of one size, in the order in which they were asked for. */
export class PhotoThread extends TaskThread<PhotoJob, PreparedPhoto> {
  post(job: PhotoJob): Delivery<PreparedPhoto> {
    return this.send(job);
  }

  protected override start(setup: TaskSetup, lose: (reason: string) => void): TaskWorker {
    // The built program lies beside the file that this became a part of.
    const isSource = import.meta.url.endsWith('.ts');
    const program = new URL(isSource ? './photoProgram.ts' : './photoProgram.js', import.meta.url);
    const worker = new Worker(program, {
      workerData: setup,
      transferList: [setup.port],
      execArgv: isSource ? ['--import', typescriptLoader()] : [],
      name: 'stridenet photographs',
    });
    worker.on('error', (error) => lose(`stopped with ${String(error)}`));
    worker.on('exit', (code) => lose(`exited with code ${code}`));
    return worker;
  }

  protected override sentenceOf(reason: string): string {
    return `A thread that decodes photographs ${reason}. Begin the epoch again to start another one.`;
  }
}

/** What lets Node run the sources as they are. */
function typescriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
