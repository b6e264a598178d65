import type { PhotoMeasures } from '../photos/measurePhoto.js';
import { type PostedPhoto, postPhoto } from '../photos/photoThreads.js';

/** Photographs that are decoded before they are asked for. */
const AHEAD = 32;

/** A photograph with its measures and the image that it becomes, or what went wrong. */
export type Measured = { index: number } & ({ measures: PhotoMeasures; pixels: Uint8Array } | { error: unknown });

/** Decodes all files with `threads` threads, in their order. `preparation` is a `PhotoPreparation` as JSON. */
export async function* measureAll(
  paths: readonly string[],
  preparation: string,
  threads: number,
): AsyncGenerator<Measured, void, undefined> {
  const canceled = new Int32Array(new SharedArrayBuffer(4));
  const posted: PostedPhoto[] = [];
  let next = 0;
  try {
    for (let index = 0; index < paths.length; index++) {
      for (; next < paths.length && next < index + AHEAD; next++) {
        const source = { path: paths[next] };
        posted.push(postPhoto(threads, { source, preparation, seed: null, cache: null, measured: true, canceled }));
      }
      const { thread, delivery } = posted.shift() as PostedPhoto;
      await thread.settled(delivery);
      try {
        const { pixels, measures } = delivery.value;
        yield { index, pixels, measures: measures as PhotoMeasures };
      } catch (error) {
        yield { index, error };
      }
    }
  } finally {
    Atomics.store(canceled, 0, 1);
  }
}
