import { nodeModule } from '../../base/nodeModule.js';
import { Stacker } from '../stack.js';
import { transformFrom } from '../transforms/registry.js';
import type { Answer, Job, Making } from './job.js';
import type { TaskSetup } from './taskThread.js';

// The program of a worker: makes batches until it is ended. `npm run data-worker` puts it into source.ts as text.

function serve({ port, signal }: TaskSetup): void {
  const stackers = new Map<string, Stacker>();
  port.onmessage = ({ data: job }: MessageEvent<Job>) => {
    const answer = make(stackers, job);
    port.postMessage(answer, 'stack' in answer ? [answer.stack.pixels.buffer] : []);
    if (signal !== undefined) {
      Atomics.add(signal, 0, 1);
      Atomics.notify(signal, 0);
    }
  };
}

function make(stackers: Map<string, Stacker>, { id, making, plan, images, spare }: Job): Answer {
  try {
    let stacker = stackers.get(making);
    if (stacker === undefined) {
      const { shape, transform, last } = JSON.parse(making) as Making;
      stacker = new Stacker(shape, transform && transformFrom(transform), last && transformFrom(last));
      stackers.set(making, stacker);
    }
    if (spare !== undefined) stacker.reuse(spare);
    const size = images.length / plan.indices.length;
    return { id, stack: stacker.stack((n) => images.subarray(n * size, (n + 1) * size), plan) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return { id, error: { name, message } };
  }
}

const threads = nodeModule<{ workerData: TaskSetup }>('node:worker_threads');
if (threads !== undefined) serve(threads.workerData);
else self.onmessage = ({ data }: MessageEvent<TaskSetup>) => serve(data);
