import { checkWhole } from '../../base/check.js';
import { ArgumentError, DataError, FormatError } from '../../base/errors.js';
import { RandomStream, randomStream } from '../../base/random.js';
import { Targets } from '../../base/targets.js';
import type { ImageShape } from '../../data/dataset.js';
import type { Batch, LoaderState } from '../../data/loader.js';
import { checkLoaderState } from '../../data/loaderState.js';
import { Stacker } from '../../data/stack.js';
import { type MeanStd, normalize, type Transform } from '../../data/transforms/index.js';
import { withoutScope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { describeSkipped, type OnError, type SkippedFile, SkippedFiles } from '../folder/skippedFiles.js';
import { type PostedPhoto, postPhoto, usualThreads } from '../photos/photoThreads.js';
import { PHOTO_OPTIONS, type PhotoOptions, preparationOf } from '../photos/preparationOptions.js';
import { type SampleLabel, sampleLabel } from './sampleLabels.js';
import type { ShardReader, ShardSample } from './shardReader.js';
import { shuffledSamples } from './shuffledSamples.js';

/** How batches are made of the samples in shards. */
export interface ShardLoaderOptions extends PhotoOptions {
  /** Images per batch. */
  batchSize: number;
  /** Samples in the buffer that the next one is drawn from; shards are shuffled too. Default: 0, the order of the shards. */
  shuffle?: number | undefined;
  /** The names of the classes. Default: what the shards say; without it, labels are numbers. */
  classes?: readonly string[] | undefined;
  /** How many samples the shards hold, if that is known: then the loader has a length, which schedules need. */
  samples?: number | undefined;
  /** Leaves out the last batch when it is not full. Default: false. */
  dropLast?: boolean | undefined;
  /** Applied to each image, as floats from 0 to 1. */
  transform?: Transform | undefined;
  /** Mean and standard deviation of each channel, applied last. */
  normalize?: MeanStd | undefined;
  /** Gives this loader random streams of its own. Default: the library's streams 'shuffle' and 'augment'. */
  seed?: number | string | undefined;
  /** Batches that are decoded ahead. Default: 2. */
  prefetch?: number | undefined;
  /** Samples and shards that cannot be read: 'throw' an error that names them, or 'skip' and list them. Default: 'throw'. */
  onError?: OnError | undefined;
  /** Threads that decode. Default: one per core, at most 8. */
  threads?: number | undefined;
}

/** Every option, for the message about one that is not. */
export const SHARD_LOADER_OPTIONS = [
  ...PHOTO_OPTIONS,
  ...[
    'batchSize',
    'shuffle',
    'classes',
    'samples',
    'dropLast',
    'transform',
    'normalize',
    'seed',
    'prefetch',
    'onError',
    'threads',
  ],
];

/** A sample whose photograph is being decoded, or what went wrong before. */
type PostedSample = { sample: ShardSample } & ({ label: SampleLabel; photo: PostedPhoto } | { error: unknown });

/**
 * Batches from shards that need not fit into memory, as `fit` takes them: `for await` is one epoch. Threads decode ahead.
 *
 * What a batch holds depends on the seed alone. A loader restored to `state()` finds its place without reading the photographs that it passes over,
 * and deals out the same bytes as the first one would have.
 */
export class ShardLoader implements AsyncIterable<Batch> {
  /** Images per batch. */
  readonly batchSize: number;
  /** What is subtracted from each channel, and what it is divided by. */
  readonly normalize: MeanStd | undefined;
  /** The names of the classes, where they are known. */
  readonly classes: readonly string[] | undefined;
  /** Batches per epoch; undefined unless `samples` was given. */
  readonly length: number | undefined;
  readonly #options: ShardLoaderOptions;
  readonly #stacker: Stacker;
  readonly #preparation: string;
  readonly #threads: number;
  readonly #streams: { shuffle: RandomStream; augment: RandomStream } | null;
  readonly #skipped = new SkippedFiles();
  #seen = 0;
  #epoch = 0;
  #batch = 0;
  #seeds: LoaderState['seeds'] = null;
  #firstAugment = 0;
  #resuming = false;

  /** @internal */
  constructor(
    /** The function that made it, for messages. */
    readonly who: string,
    /** Finds the samples of a shard. */
    readonly reader: ShardReader,
    /** The files. */
    readonly shards: readonly string[],
    options: ShardLoaderOptions,
  ) {
    const { batchSize, transform, seed, samples, dropLast = false, shuffle = 0, prefetch = 2 } = options;
    this.batchSize = checkWhole(who, 'batchSize', batchSize, 1);
    checkWhole(who, 'shuffle', shuffle, 0);
    checkWhole(who, 'prefetch', prefetch, 0);
    if (!['throw', 'skip', undefined].includes(options.onError)) {
      throw new ArgumentError(`${who}: onError is '${String(options.onError)}', but must be 'throw' or 'skip'.`);
    }
    const count = samples === undefined ? undefined : checkWhole(who, 'samples', samples, 1) / batchSize;
    this.length = count && (dropLast ? Math.floor(count) : Math.ceil(count));
    const preparation = preparationOf(who, options);
    const shape: ImageShape = [preparation.decode.mode === 'L' ? 1 : 3, ...preparation.size];
    const norm = options.normalize;
    this.normalize = norm;
    this.classes = options.classes;
    this.#options = options;
    this.#preparation = JSON.stringify(preparation);
    this.#threads = checkWhole(who, 'threads', options.threads ?? usualThreads(), 1);
    this.#stacker = new Stacker(shape, transform, norm && normalize(norm.mean, norm.std));
    this.#streams =
      seed === undefined
        ? null
        : { shuffle: new RandomStream(`${seed}/shuffle`), augment: new RandomStream(`${seed}/augment`) };
  }

  /** What could not be read so far, and why: with `onError: 'skip'` it is left out of batches. */
  get skipped(): SkippedFile[] {
    return this.#skipped.list;
  }

  /** The number and names of what was skipped, as text; empty where there is nothing. */
  describeSkipped(): string {
    return describeSkipped(this.skipped, this.#seen);
  }

  /** The place in the current epoch, counting the batch last drawn as done. */
  state(): LoaderState {
    const state: LoaderState = {
      epoch: this.#epoch,
      batch: this.#batch,
      seeds: this.#seeds && { ...this.#seeds },
      firstAugment: this.#firstAugment,
    };
    if (this.#streams) state.streams = { shuffle: this.#streams.shuffle.state, augment: this.#streams.augment.state };
    return state;
  }

  /** Goes to where `state()` was taken: the next loop yields what is left of that epoch, or the epoch after it. */
  restore(state: LoaderState): void {
    const { epoch, batch, seeds, firstAugment, streams } = checkLoaderState(this.who, state, this.length);
    this.#epoch = epoch;
    this.#batch = batch;
    this.#seeds = seeds && { ...seeds };
    this.#firstAugment = firstAugment ?? seeds?.augment ?? 0;
    this.#resuming = seeds !== null && (this.length === undefined || batch < this.length);
    if (this.#streams && streams) {
      this.#streams.shuffle.state = streams.shuffle;
      this.#streams.augment.state = streams.augment;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const seeds = this.#beginEpoch();
    const { prefetch = 2, dropLast = false } = this.#options;
    const canceled = new Int32Array(new SharedArrayBuffer(4));
    const samples = shuffledSamples(this.reader, {
      shards: this.shards,
      buffer: this.#options.shuffle ?? 0,
      seed: seeds.shuffle,
      skip: this.#batch * this.batchSize,
      refuse: (shard, error) => this.#refuse(shard, error),
    });
    const posted: PostedSample[][] = [];
    let next = this.#batch;
    let isDone = false;
    // Thrown when the batches before it have been delivered, however far ahead they were made.
    let failure: { error: unknown } | undefined;
    const take = async (): Promise<ShardSample | undefined> => {
      try {
        return (await samples.next()).value ?? undefined;
      } catch (error) {
        failure = { error };
        return undefined;
      }
    };
    const post = async (): Promise<void> => {
      const batch: PostedSample[] = [];
      while (batch.length < this.batchSize) {
        const sample = await take();
        if ((isDone = sample === undefined)) break;
        const place = `images/${seeds.augment}/${next}/photo/${batch.length}`;
        batch.push(await this.#post(sample as ShardSample, place, canceled));
      }
      next++;
      if (batch.length === this.batchSize || (batch.length > 0 && !dropLast)) posted.push(batch);
    };
    let last: Batch | undefined;
    try {
      for (;;) {
        while (!isDone && posted.length <= prefetch) await post();
        const batch = posted.shift();
        if (batch === undefined && failure !== undefined) throw failure.error;
        if (batch === undefined) return;
        if (last !== undefined && !last.x.kept) last.x.dispose();
        last = await this.#deliver(batch, seeds.augment);
        this.#batch++;
        if (last !== undefined) yield last;
      }
    } finally {
      Atomics.store(canceled, 0, 1);
      if (last !== undefined && !last.x.kept) last.x.dispose();
      await samples.return();
    }
  }

  /** Draws before the first await, while the streams of a training run are in place. */
  #beginEpoch(): { shuffle: number; augment: number } {
    if (!this.#resuming || this.#seeds === null) {
      const isFirst = this.#seeds === null;
      if (!isFirst) this.#epoch++;
      const { shuffle = 0, augment = false, transform } = this.#options;
      this.#seeds = {
        shuffle: shuffle > 0 ? (this.#streams?.shuffle ?? randomStream('shuffle')).bits() : 0,
        augment: augment || transform ? (this.#streams?.augment ?? randomStream('augment')).bits() : 0,
      };
      if (isFirst) this.#firstAugment = this.#seeds.augment;
      this.#batch = 0;
    }
    this.#resuming = false;
    return { ...this.#seeds };
  }

  async #post(sample: ShardSample, seed: string, canceled: Int32Array<SharedArrayBuffer>): Promise<PostedSample> {
    this.#seen++;
    try {
      const label = sampleLabel(await sample.label(), this.classes, sample.name);
      const source = await sample.photo();
      const job = { source, preparation: this.#preparation, seed, cache: null, canceled };
      return { sample, label, photo: postPhoto(this.#threads, job) };
    } catch (error) {
      return { sample, error };
    }
  }

  /** A batch of what could be read; undefined where that is nothing. */
  async #deliver(posted: readonly PostedSample[], augment: number): Promise<Batch | undefined> {
    const images: Uint8Array[] = [];
    const labels: SampleLabel[] = [];
    const places: number[] = [];
    for (const [n, each] of posted.entries()) {
      let label: SampleLabel;
      try {
        if ('error' in each) throw each.error;
        await each.photo.thread.settled(each.photo.delivery);
        images.push(each.photo.delivery.value.pixels);
        label = each.label;
      } catch (error) {
        this.#refuse(each.sample.name, error);
        continue;
      }
      labels.push(label);
      places.push(this.#batch * this.batchSize + n);
    }
    if (images.length === 0) return undefined;
    const indices = Int32Array.from(places);
    const place = { epoch: this.#epoch, seed: this.#firstAugment };
    const plan = { indices, seed: `images/${augment}/${this.#batch}`, place };
    const { pixels, shape } = this.#stacker.stack((n) => images[n], plan);
    const x = withoutScope(() => Tensor.empty(this.who, [images.length, ...shape]));
    x.data.set(pixels.subarray(0, x.size));
    this.#stacker.reuse(pixels);
    const targets = this.#targetsOf(labels);
    return { x, labels: targets.values, targets, indices };
  }

  /** Class numbers; where any sample of the shards has several, the loader must be told so by a list for each. */
  #targetsOf(labels: readonly SampleLabel[]): Targets {
    if (labels.every((label) => typeof label === 'number')) return Targets.classIndices(labels);
    const all = labels.map((label) => (typeof label === 'number' ? [label] : [...label]));
    if (labels.some((label) => typeof label === 'number')) {
      throw new DataError(`${this.who}: some samples have one label, others a list of them. Write lists for all.`);
    }
    return Targets.multiHot(all.flat(), all[0].length);
  }

  #refuse(name: string, error: unknown): void {
    const isOfFile = error instanceof DataError || error instanceof FormatError;
    if (this.#options.onError !== 'skip' || !isOfFile) throw error;
    this.#skipped.add(name, error.message);
  }
}
