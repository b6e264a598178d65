import { availableParallelism } from 'node:os';
import type { Delivery } from '../../data/workers/taskThread.js';
import type { PhotoJob, PreparedPhoto } from './photoJob.js';
import { PhotoThread } from './photoThread.js';

const threads: PhotoThread[] = [];

/** A photograph that a thread prepares. */
export interface PostedPhoto {
  thread: PhotoThread;
  delivery: Delivery<PreparedPhoto>;
}

/** How many threads decode photographs unless a data set is told otherwise: all cores, but no more than eight. */
export function usualThreads(): number {
  return Math.min(8, availableParallelism());
}

/** Hands a job to the one of `count` threads that has least to do. All data sets share them; lost ones are replaced. */
export function postPhoto(count: number, job: PhotoJob): PostedPhoto {
  for (let i = 0; i < count; i++)
    if (threads[i] === undefined || threads[i].lost !== undefined) threads[i] = new PhotoThread();
  let thread = threads[0];
  for (let i = 1; i < count; i++) if (threads[i].pending < thread.pending) thread = threads[i];
  return { thread, delivery: thread.post(job) };
}
