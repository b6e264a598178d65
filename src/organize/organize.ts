import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { ImageClassifier } from '../classifier/imageClassifier.js';
import type { Skipped } from '../classifier/training/features.js';
import { modelDigest } from '../moderation/modelDigest.js';
import { Embedder } from '../search/index.js';
import { type ClusterMethod, clustersOf } from './clusters.js';
import { type Correction, CorrectionHead } from './corrections.js';
import { readCorrections, rememberCorrections } from './correctionsFile.js';
import { type DuplicateGroup, duplicatesOf } from './duplicates.js';
import { eventsOf, type PhotoEvent } from './events.js';
import { factsOf, type PhotoFacts } from './facts.js';
import { FactsCache } from './factsCache.js';
import { type Tag, tagsOf } from './tags.js';

/** How photographs are organized. */
export interface OrganizeOptions {
  /** Tells what photographs show, and which ones are alike. */
  classifier: ImageClassifier;
  /** The share of tags that have to be right, above 0.5 and up to 1. Default 0.9. */
  precision?: number | undefined;
  /** Default: by density. */
  clusters?: ClusterMethod | undefined;
  /** Hours of pause that part events. Default 4. */
  hours?: number | undefined;
  /** Kilometers that part events. Default 30. */
  kilometers?: number | undefined;
  /** The folder of what is remembered: what photographs look like, and corrections. Default: none is. */
  memory?: string | undefined;
  /** Aborting it ends the work with its reason. */
  signal?: AbortSignal | undefined;
  /** Called after each photograph. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** One photograph and its tags. */
export interface OrganizedPhoto {
  /** The file. */
  readonly path: string;
  /** What it is filed under, the surest first. */
  readonly tags: readonly Tag[];
  /** When it was taken, ISO 8601 without a time zone. */
  readonly taken?: string | undefined;
}

const OPTIONS = ['classifier', 'precision', 'clusters', 'hours', 'kilometers', 'memory', 'signal', 'onProgress'];

/**
 * Organizes photographs: tags, clusters of alike ones, events, and groups of duplicates. Nothing is moved: see `planAlbums` and `applyPlan`.
 *
 * Throws `ArgumentError` for options out of range, `DataError` where no photograph can be read.
 *
 * @example
 * const organized = await organize(['a.jpg', 'b.jpg'], { classifier });
 * organized.correct([{ path: 'b.jpg', label: 'poodle' }]);
 */
export async function organize(paths: readonly string[], options: OrganizeOptions): Promise<Organized> {
  checkOptions('organize', options, OPTIONS);
  const { classifier, precision = 0.9, memory, signal, onProgress } = options;
  if (!(classifier instanceof ImageClassifier)) {
    throw new ArgumentError('organize: classifier is missing. Pass an ImageClassifier.');
  }
  if (!(precision > 0.5 && precision <= 1)) {
    throw new ArgumentError(`organize: precision is ${precision}, but must be above 0.5 and at most 1.`);
  }
  const embedder = embedderOf(classifier);
  const cache =
    memory === undefined ? undefined : await FactsCache.open(join(memory, 'facts.json'), modelDigest(classifier));
  const facts: PhotoFacts[] = [];
  const skipped: Skipped[] = [];
  for (const [n, path] of paths.entries()) {
    signal?.throwIfAborted();
    const look = async (): Promise<PhotoFacts> => factsOf(path, await readFile(path), classifier, embedder);
    try {
      facts.push(await (cache === undefined ? look() : cache.facts(path, look)));
    } catch (error) {
      skipped.push({ path, reason: error instanceof Error ? error.message : String(error) });
    }
    onProgress?.(n + 1, paths.length);
  }
  await cache?.save();
  if (facts.length === 0) {
    const first = skipped[0] === undefined ? '' : ` The first one: ${skipped[0].reason}`;
    throw new DataError(`organize: none of ${paths.length} photographs can be read.${first}`);
  }
  const clusters = await clustersOf(
    facts.map(({ vector }) => vector),
    options.clusters ?? { method: 'density' },
  );
  return new Organized(facts, skipped, clusters, { ...options, precision });
}

/** Networks of ONNX files don't say which layer is their last, and so have none. */
function embedderOf(classifier: ImageClassifier): Embedder | undefined {
  try {
    return new Embedder(classifier);
  } catch (error) {
    if (error instanceof ArgumentError) return undefined;
    throw error;
  }
}

/** What `organize` found. Photographs are numbered as in `photos`. */
export class Organized {
  /** Those that could be read, with their tags. */
  readonly photos: OrganizedPhoto[] = [];
  /** Those that could not. */
  readonly skipped: readonly Skipped[];
  /** Alike photographs, the largest cluster first. */
  readonly clusters: readonly (readonly number[])[];
  /** Photographs that were taken together, by time. */
  readonly events: readonly PhotoEvent[];
  /** Photographs of which one is enough. */
  readonly duplicates: readonly DuplicateGroup[];
  readonly #facts: readonly PhotoFacts[];
  readonly #options: OrganizeOptions & { precision: number };
  readonly #corrections = new Map<string, { path: string; label: string }>();

  /** @internal */
  constructor(
    facts: readonly PhotoFacts[],
    skipped: readonly Skipped[],
    clusters: readonly (readonly number[])[],
    options: OrganizeOptions & { precision: number },
  ) {
    this.#facts = facts;
    this.#options = options;
    this.skipped = skipped;
    this.clusters = clusters;
    this.events = eventsOf(facts, options);
    this.duplicates = duplicatesOf(facts);
    const file = this.#file();
    if (file !== undefined)
      for (const { pixels, path, label } of readCorrections(file)) this.#corrections.set(pixels, { path, label });
    this.#tag();
  }

  /**
   * Says what photographs show. The tags of all photographs follow at once; the network itself stays as it is. With a `memory`, corrections are
   * remembered for the next time.
   *
   * Throws `ArgumentError` for a photograph that isn't there and a label without a name.
   */
  async correct(corrections: readonly { readonly path: string; readonly label: string }[]): Promise<void> {
    const added = corrections.map(({ path, label }) => {
      const found = this.#facts.find((each) => resolve(each.path) === resolve(path));
      if (found === undefined) {
        throw new ArgumentError(`correct: ${path} is none of the ${this.#facts.length} photographs that were read.`);
      }
      if (typeof label !== 'string' || label.trim() === '') {
        throw new ArgumentError(`correct: the label of ${path} is ${JSON.stringify(label)}, but must be a name.`);
      }
      return { pixels: found.pixels, path: found.path, label: label.trim() };
    });
    for (const { pixels, path, label } of added) this.#corrections.set(pixels, { path, label });
    this.#tag();
    const file = this.#file();
    if (file !== undefined) await rememberCorrections(file, added);
  }

  #file(): string | undefined {
    return this.#options.memory && join(this.#options.memory, 'corrections.json');
  }

  #tag(): void {
    const { classifier, precision } = this.#options;
    const corrections = this.#facts.flatMap(({ pixels }, photo): Correction[] => {
      const known = this.#corrections.get(pixels);
      return known === undefined ? [] : [{ photo, label: known.label }];
    });
    const seen = {
      features: this.#facts.map(({ vector }) => vector),
      confidences: this.#facts.map(({ confidences }) => confidences),
    };
    const head = new CorrectionHead(classifier.classes, seen, corrections);
    this.photos.length = 0;
    for (const { path, pixels, vector, confidences, time } of this.#facts) {
      const said = this.#corrections.get(pixels);
      const tags =
        said === undefined
          ? tagsOf(classifier.settings, head.labels, head.confidences(vector, confidences), precision)
          : [{ name: said.label, confidence: 1 }];
      const taken = time === undefined ? undefined : new Date(1000 * time).toISOString().slice(0, 19);
      this.photos.push({ path, tags, ...(taken !== undefined && { taken }) });
    }
  }
}
