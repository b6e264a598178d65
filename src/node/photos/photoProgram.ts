import { workerData } from 'node:worker_threads';
import { RandomStream } from '../../base/random.js';
import type { TaskAnswer, TaskSetup } from '../../data/workers/taskThread.js';
import { measurePhoto } from './measurePhoto.js';
import { PhotoCache } from './photoCache.js';
import type { PhotoJob, PreparedPhoto } from './photoJob.js';
import { finishedPhoto, type PhotoPreparation, scaledPhoto } from './preparation.js';
import { readSource, sourceError } from './readSource.js';

// The program of a thread that decodes and prepares photographs, until it is ended.

const { port, signal } = workerData as TaskSetup;
const caches = new Map<string, PhotoCache>();

/** One after another: what is asked for first is answered first. */
let last: Promise<void> = Promise.resolve();
port.onmessage = ({ data }: MessageEvent<PhotoJob & { id: number }>) => {
  last = last.then(async () => {
    const answer = await answerTo(data);
    port.postMessage(answer, 'pixels' in answer ? [answer.pixels.buffer] : []);
    if (signal === undefined) return;
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  });
};

async function answerTo({ id, ...job }: PhotoJob & { id: number }): Promise<TaskAnswer<PreparedPhoto>> {
  if (Atomics.load(job.canceled, 0) !== 0) return { id, pixels: new Uint8Array(0) };
  try {
    return { id, ...(job.measured ? await measure(job) : { pixels: await prepare(job) }) };
  } catch (error) {
    const { name, message } = sourceError(job.source, error);
    return { id, error: { name, message } };
  }
}

async function prepare({ source, preparation: json, seed, cache: folder }: PhotoJob): Promise<Uint8Array<ArrayBuffer>> {
  const preparation: PhotoPreparation = JSON.parse(json);
  const bytes = readSource(source);
  const make = (): ReturnType<typeof scaledPhoto> => scaledPhoto(bytes, preparation);
  const photo = folder === null ? await make() : await cacheIn(folder).get(bytes, preparation, make);
  return finishedPhoto(photo, preparation, seed === null ? null : new RandomStream(seed));
}

function measure({ source, preparation }: PhotoJob): Promise<PreparedPhoto> {
  return measurePhoto(readSource(source), JSON.parse(preparation));
}

function cacheIn(folder: string): PhotoCache {
  let cache = caches.get(folder);
  if (cache === undefined) caches.set(folder, (cache = new PhotoCache(folder)));
  return cache;
}
