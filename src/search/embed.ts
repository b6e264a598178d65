import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { logitsOf } from '../classifier/logits.js';
import { type Photo, readPhoto } from '../classifier/photo.js';
import { viewsOf } from '../classifier/photoViews.js';
import type { Picture } from '../classifier/picture.js';
import { prepare } from '../classifier/prepare.js';
import { TappedModel } from './tappedModel.js';

/** Which numbers stand for a photograph. */
export interface EmbedOptions {
  /** The layer whose output is taken, named as in `model.namedModules()`; maps are averaged over their pixels. Default: what the last layer is given. */
  layer?: string | undefined;
  /** Vectors have length 1, so that the sum of products of two is their cosine. Default true. */
  normalize?: boolean | undefined;
}

/** Photographs that are in memory at a time. */
const BATCH = 8;

/**
 * Turns photographs into vectors, so that photographs that show alike things have near vectors. It holds the compiled network: keep it for many
 * photographs.
 *
 * Throws `ArgumentError` for a layer that the model doesn't have.
 *
 * @example
 * const embedder = new Embedder(classifier);
 * const [a, b] = await embedder.embed(['a.jpg', 'b.jpg']);
 * a.reduce((sum, value, i) => sum + value * b[i], 0); // 1 for the same picture
 */
export class Embedder {
  /** What the vectors come from. */
  readonly classifier: ImageClassifier;
  /** The name of the layer. */
  readonly layer: string;
  readonly #model: TappedModel;
  readonly #normalizes: boolean;

  constructor(classifier: ImageClassifier, options: EmbedOptions = {}) {
    checkOptions('Embedder', options, ['layer', 'normalize']);
    const { layer, normalize = true } = options;
    this.#model = new TappedModel(classifier.model, layer);
    this.classifier = classifier;
    this.layer = this.#model.layer;
    this.#normalizes = normalize;
  }

  /** One vector per photograph, in order. Throws what `readPhoto` of a classifier throws when one can't be read. */
  async embed(photos: readonly Photo[]): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (let from = 0; from < photos.length; from += BATCH) {
      const pictures: Picture[] = [];
      for (const photo of photos.slice(from, from + BATCH)) pictures.push(await readPhoto(photo));
      vectors.push(...(await this.embedPictures(pictures)));
    }
    return vectors;
  }

  /** The same for photographs that are decoded. */
  async embedPictures(pictures: readonly Picture[]): Promise<Float32Array[]> {
    const { preprocessing } = this.classifier.settings;
    const views = viewsOf('embed', 'center');
    const inputs = await Promise.all(pictures.map((picture) => prepare(picture, preprocessing, views)));
    const rows = await logitsOf(this.#model, inputs, preprocessing);
    if (this.#normalizes) for (const row of rows) normalized(row);
    return rows;
  }
}

/**
 * The vector of a photograph, or of each photograph of a list: see `Embedder`, which is quicker for many calls.
 *
 * @example
 * (await embed(classifier, 'photo.jpg')).length; // 512 for a ResNet-18
 */
export function embed(classifier: ImageClassifier, photo: Photo, options?: EmbedOptions): Promise<Float32Array>;
export function embed(
  classifier: ImageClassifier,
  photos: readonly Photo[],
  options?: EmbedOptions,
): Promise<Float32Array[]>;
export async function embed(
  classifier: ImageClassifier,
  photo: Photo | readonly Photo[],
  options: EmbedOptions = {},
): Promise<Float32Array | Float32Array[]> {
  checkOptions('embed', options, ['layer', 'normalize']);
  if (typeof classifier?.settings !== 'object') {
    throw new ArgumentError('embed: the first argument must be an ImageClassifier, whose network makes the vectors.');
  }
  const vectors = await new Embedder(classifier, options).embed(Array.isArray(photo) ? photo : [photo as Photo]);
  return Array.isArray(photo) ? vectors : vectors[0];
}

/** Scales a vector to length 1, in place; zeros stay zeros. */
export function normalized(row: Float32Array): Float32Array {
  let sum = 0;
  for (const value of row) sum += value * value;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let i = 0; i < row.length; i++) row[i] *= scale;
  return row;
}
