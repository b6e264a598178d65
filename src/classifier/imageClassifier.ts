import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, FormatError, ShapeError, StridenetError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { answer, type Classification, type ClassifyOptions, checkClassifyOptions } from './answer.js';
import { readClassifier, writeClassifier } from './files.js';
import { Hierarchy } from './hierarchy.js';
import { logitsOf } from './logits.js';
import { bytesOf, nameOfPhoto, type Photo, readPhoto } from './photo.js';
import { viewsOf } from './photoViews.js';
import type { Picture } from './picture.js';
import { prepare } from './prepare.js';
import { logitsOfKind, probabilities } from './probabilities.js';
import { type ClassifierSettings, classifierSettings, type ImageClassifierOptions, optionsOf } from './settings.js';

/** How a classifier is saved. */
export interface SaveClassifierOptions {
  /** 'float16' halves the file; weights are rounded to three digits. For safetensors only. Default 'float32'. */
  weights?: 'float32' | 'float16' | undefined;
}

/** What became of one photograph of many: what it shows, or why that can't be told. */
export type Outcome =
  | { readonly photo: Photo; readonly result: Classification; readonly error?: undefined }
  | { readonly photo: Photo; readonly error: Error; readonly result?: undefined };

/** Photographs that go through the network at once. */
const BATCH = 8;

/**
 * A network together with everything that it takes to classify a photograph: class names, how photographs are prepared, calibration, and
 * operating points. One file holds all of it.
 *
 * `model` gives logits [N, K] (for a binary classifier [N, 1]) for x [N, C, H, W]. See `ImageClassifierOptions` for the rest.
 *
 * Throws `ArgumentError` for options that are out of range or don't fit each other.
 *
 * @example
 * const classifier = await ImageClassifier.load('flowers.safetensors');
 * const { labels } = await classifier.classify('photo.jpg');
 * console.log(labels[0].name, labels[0].confidence); // daisy 0.93
 */
export class ImageClassifier {
  readonly model: Module;
  /** Classes, preprocessing, calibration and thresholds. */
  readonly settings: ClassifierSettings;
  /** The concepts above the classes; null without a table of parents. */
  readonly hierarchy: Hierarchy | null;

  constructor(model: Module, options: ImageClassifierOptions) {
    this.settings = classifierSettings(options);
    this.model = model;
    const { parents, classes } = this.settings;
    this.hierarchy = parents === null ? null : new Hierarchy(parents, classes);
  }

  /** The names of the classes, in the order of the logits. */
  get classes(): string[] {
    return this.settings.classes.map(({ name }) => name);
  }

  /**
   * Loads a classifier from a safetensors or ONNX file: a path (in Node), a URL (in browsers), or bytes.
   *
   * Throws `DataError` when the file can't be read; `FormatError` when it is damaged, holds no classifier, is of an unknown architecture, or
   * its weights and its classes don't fit each other.
   */
  static async load(file: string | URL | Uint8Array | ArrayBuffer | Blob): Promise<ImageClassifier> {
    const isNamed = typeof file === 'string' || file instanceof URL;
    const bytes = isNamed ? await bytesOf(file) : await inMemory(file);
    try {
      const { model, settings } = await readClassifier(bytes);
      return new ImageClassifier(model, optionsOf(settings));
    } catch (cause) {
      if (!(cause instanceof StridenetError)) throw cause;
      throw new FormatError(isNamed ? `${file}: ${cause.message}` : cause.message, { cause });
    }
  }

  /**
   * Saves the classifier in a `.safetensors` or `.onnx` file, in Node. The file appears in full or not at all.
   *
   * Throws `ArgumentError` for another extension and for a model whose architecture has no name (ONNX takes any), `DataError` when the file
   * can't be written.
   */
  async save(path: string, options: SaveClassifierOptions = {}): Promise<void> {
    checkOptions('save', options, ['weights']);
    const format = /\.(safetensors|onnx)$/.exec(path)?.[1] as 'safetensors' | 'onnx' | undefined;
    if (format === undefined) {
      throw new ArgumentError(`save: ${path} must end in .safetensors or .onnx, the formats that are written.`);
    }
    const bytes = await this.toBytes(format, options);
    const { writeFileAtomic } = await import('../node/index.js');
    await writeFileAtomic(path, bytes);
  }

  /** The bytes of the file that `save` writes. Throws `ArgumentError` likewise. */
  async toBytes(
    format: 'safetensors' | 'onnx' = 'safetensors',
    options: SaveClassifierOptions = {},
  ): Promise<Uint8Array> {
    checkOptions('toBytes', options, ['weights']);
    return writeClassifier(this.model, this.settings, format, options.weights ?? 'float32');
  }

  /** The same network with other settings: those that are given replace those that there are. */
  with(options: Partial<ImageClassifierOptions>): ImageClassifier {
    return new ImageClassifier(this.model, { ...optionsOf(this.settings), ...options });
  }

  /**
   * Tells what a photograph shows: labels with their confidences, best first, or the reason why none is sure enough. Of several photographs,
   * in a list, each gets an answer, in order.
   *
   * Throws `DataError` or `FormatError` for a photograph that can't be read, which the message names; `ArgumentError` for options out of
   * range; the reason of `signal` when it is aborted. Use `classifyEach` to go on where a photograph can't be read.
   *
   * @example
   * const { labels, rejected } = await classifier.classify(bytes, { top: 3, minimumConfidence: 0.6 });
   */
  classify(photo: Photo, options?: ClassifyOptions): Promise<Classification>;
  classify(photos: readonly Photo[], options?: ClassifyOptions): Promise<Classification[]>;
  async classify(
    photo: Photo | readonly Photo[],
    options: ClassifyOptions = {},
  ): Promise<Classification | Classification[]> {
    const results: Classification[] = [];
    for await (const { result, error } of this.classifyEach(Array.isArray(photo) ? photo : [photo as Photo], options)) {
      if (result === undefined) throw error;
      results.push(result);
    }
    return Array.isArray(photo) ? results : results[0];
  }

  /** `classify` for any number of photographs, one outcome each, in order. A photograph that can't be read doesn't stop the others. */
  async *classifyEach(
    photos: Iterable<Photo> | AsyncIterable<Photo>,
    options: ClassifyOptions = {},
  ): AsyncGenerator<Outcome, void> {
    const checked = checkClassifyOptions(this, options);
    let batch: Pending[] = [];
    for await (const photo of photos) {
      options.signal?.throwIfAborted();
      batch.push(await this.#prepared(photo, options));
      if (batch.length < BATCH) continue;
      yield* this.#answers(batch, checked);
      batch = [];
    }
    options.signal?.throwIfAborted();
    yield* this.#answers(batch, checked);
  }

  /**
   * Confidences of all classes, without thresholds, for pictures that are decoded: [N, K] row by row. See `probabilities`.
   */
  async confidences(
    pictures: readonly Picture[],
    options: Pick<ClassifyOptions, 'views'> = {},
  ): Promise<Float64Array[]> {
    checkOptions('confidences', options, ['views']);
    const views = viewsOf('confidences', options.views ?? 'center');
    const inputs = await Promise.all(pictures.map((picture) => prepare(picture, this.settings.preprocessing, views)));
    const rows = await logitsOf(this.model, inputs, this.settings.preprocessing);
    return rows.map((row) => this.#confidences(row));
  }

  async #prepared(photo: Photo, options: ClassifyOptions): Promise<Pending> {
    const views = viewsOf('classify', options.views ?? 'center');
    const started = performance.now();
    try {
      const picture = await readPhoto(photo);
      const decoded = performance.now();
      const inputs = await prepare(picture, this.settings.preprocessing, views);
      const { width, height } = picture;
      const timing = { decode: decoded - started, prepare: performance.now() - decoded };
      return { photo, inputs, timing, width, height };
    } catch (error) {
      if (error instanceof ArgumentError || !(error instanceof Error)) throw error;
      return { photo, error };
    }
  }

  async *#answers(
    batch: readonly Pending[],
    options: ReturnType<typeof checkClassifyOptions>,
  ): AsyncGenerator<Outcome> {
    const readable = batch.filter((pending) => pending.inputs !== undefined);
    const started = performance.now();
    const rows =
      readable.length === 0
        ? []
        : await logitsOf(
            this.model,
            readable.map(({ inputs }) => inputs as Float32Array[]),
            this.settings.preprocessing,
          );
    const predict = (performance.now() - started) / readable.length;
    for (const pending of batch) {
      const { photo, error, timing } = pending;
      if (error !== undefined || timing === undefined) {
        yield { photo, error: error ?? new Error(nameOfPhoto(photo)) };
        continue;
      }
      const answered = answer(this, this.#confidences(rows[readable.indexOf(pending)]), options);
      const { decode, prepare: prepared } = timing;
      const total = decode + prepared + predict;
      yield {
        photo,
        result: {
          ...answered,
          width: pending.width as number,
          height: pending.height as number,
          timing: { decode, prepare: prepared, predict, total },
        },
      };
    }
  }

  #confidences(logits: Float32Array): Float64Array {
    const { kind, classes, temperature } = this.settings;
    const needed = logitsOfKind(kind, classes.length);
    if (logits.length !== needed) {
      throw new ShapeError(
        `classify: the model gives logits ${formatShape([1, logits.length])}, but ${classes.length} classes of kind '${kind}' need [1, ${needed}].`,
      );
    }
    return probabilities(kind, logits, temperature);
  }
}

interface Pending {
  photo: Photo;
  inputs?: Float32Array[] | undefined;
  timing?: { decode: number; prepare: number } | undefined;
  width?: number | undefined;
  height?: number | undefined;
  error?: Error | undefined;
}

async function inMemory(file: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  return new Uint8Array(file instanceof ArrayBuffer ? file : await file.arrayBuffer());
}
