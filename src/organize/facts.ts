import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { readPhoto } from '../classifier/photo.js';
import { type Embedder, pdqHash, pixelHash } from '../search/index.js';
import type { Fingerprint } from './duplicates.js';
import { sharpness } from './sharpness.js';
import { type TimeAndPlace, timeAndPlace } from './timeAndPlace.js';

/** Everything that organizing a photograph takes. */
export interface PhotoFacts extends Fingerprint, TimeAndPlace {
  /** The file. */
  readonly path: string;
  /** The vector of length 1 that stands for it. */
  readonly vector: Float32Array;
  /** Confidences in the classes. */
  readonly confidences: Float64Array;
}

/** Looks at the bytes of one photograph. Without an embedder, confidences stand for features. Throws what reading it throws. */
export async function factsOf(
  path: string,
  bytes: Uint8Array,
  classifier: ImageClassifier,
  embedder: Embedder | undefined,
): Promise<PhotoFacts> {
  const picture = await readPhoto(bytes);
  const [confidences] = await classifier.confidences([picture]);
  const [vector] = (await embedder?.embedPictures([picture])) ?? [rootsOf(confidences)];
  const { hash: pdq, quality } = pdqHash(picture);
  return {
    path,
    pixels: await pixelHash(picture),
    pdq,
    quality,
    sharpness: await sharpness(picture),
    width: picture.width,
    height: picture.height,
    vector,
    confidences,
    ...(await timeAndPlace(bytes)),
  };
}

/** Square roots, of length 1: the cosine of two is the Bhattacharyya coefficient of the answers. */
function rootsOf(confidences: Float64Array): Float32Array {
  const sum = confidences.reduce((a, b) => a + b, 0) || 1;
  return Float32Array.from(confidences, (p) => Math.sqrt(p / sum));
}
