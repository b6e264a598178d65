import { DataError } from '../base/errors.js';
import { RandomStream, randomStream } from '../base/random.js';
import type { Targets } from '../base/targets.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { type BatchCut, type BatchShare, cutBatches } from './batchCut.js';
import type { Dataset } from './dataset.js';
import { openEpoch, presentPlan } from './epochImages.js';
import type { BatchPlan, EpochImages, EpochPlan } from './epochPlan.js';
import { targetsAt } from './imageAt.js';
import { checkLoaderOptions, type DataLoaderOptions } from './loaderOptions.js';
import { checkLoaderState, type LoaderState } from './loaderState.js';
import { pause } from './pause.js';
import { Stacker } from './stack.js';
import { type MeanStd, normalize } from './transforms/index.js';
import { Ahead, type Prepared } from './workers/ahead.js';
import { dataThreads, loadThreadProgram } from './workers/threads.js';

export type { LoaderState } from './loaderState.js';

/** Images and their labels. */
export interface Batch {
  /** [N, C, H, W]. Lives until the loader is asked for the next batch. */
  x: Tensor;
  /** N class indices, or N * K multi-hot values if the data set is multi-label. */
  labels: Int32Array;
  /** The labels, and which of both they are. */
  targets: Targets;
  /** Where in the data set each image stands. */
  indices: Int32Array;
}

/**
 * Deals a data set out in batches. Each `for` loop is one epoch; `length` is its number of batches.
 *
 * The loader owns `batch.x` and releases it when the next batch is drawn or the loop ends, so a loop needs no `dispose`;
 * `keep(batch.x)` takes one out. Labels and indices are ordinary arrays.
 *
 * An epoch draws one number from 'shuffle' and one from 'augment' and grows everything random from them, each batch from a
 * seed of its own. So what a batch holds depends neither on `prefetch` nor on what happened to the batches before it, and
 * `state()` is small: a loader restored to it, with `restoreRandomState` for the library's streams, deals out the rest of
 * the epoch and all later ones as the first loader would have.
 *
 * `for await` is the same, but lets other work run between the batches and prepares some ahead when it gets the chance.
 *
 * Throws `DataError` for an empty data set, `ArgumentError` for options that are unknown or out of range, `ShapeError` when the
 * images of a batch differ in shape.
 *
 * @example
 * for (const { x, labels } of new DataLoader(train, { batchSize: 128, shuffle: true })) x.shape; // [128, 3, 32, 32]
 */
export class DataLoader implements Iterable<Batch>, AsyncIterable<Batch> {
  /** Where the images come from. */
  readonly dataset: Dataset;
  /** Images per batch; the last batch of an epoch may have fewer. */
  readonly batchSize: number;
  /** What the images are normalized by; those to be classified need the same. */
  readonly normalize: MeanStd | undefined;
  /** Batches an epoch. */
  readonly length: number;
  readonly #options: DataLoaderOptions;
  readonly #streams: { shuffle: RandomStream; augment: RandomStream } | null;
  readonly #stacker: Stacker;
  #epoch = 0;
  #batch = 0;
  #seeds: LoaderState['seeds'] = null;
  #firstAugment = 0;
  /** The next loop goes on in the middle of an epoch. */
  #resuming = false;

  constructor(dataset: Dataset, options: DataLoaderOptions) {
    checkLoaderOptions(options);
    const { batchSize, dropLast = false, transform, seed, workers = 0 } = options;
    if (dataset.length === 0) throw new DataError('DataLoader: the data set is empty; there is nothing to draw from.');
    const images = options.sampler?.length ?? dataset.length;
    this.length = dropLast ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
    if (this.length === 0) {
      throw new DataError(
        `DataLoader: ${options.sampler ? 'the sampler draws' : 'the data set holds'} ${images} images, fewer than one batch of ${batchSize}, and dropLast leaves out the rest. Use a smaller batchSize.`,
      );
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.#options = options;
    this.#streams =
      seed === undefined
        ? null
        : { shuffle: new RandomStream(`${seed}/shuffle`), augment: new RandomStream(`${seed}/augment`) };
    const norm = options.normalize;
    this.normalize = norm;
    this.#stacker = new Stacker(dataset.shape, transform, norm && normalize(norm.mean, norm.std));
    if (workers > 0) void loadThreadProgram();
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
    const { epoch, batch, seeds, firstAugment, streams } = checkLoaderState('DataLoader', state, this.length);
    this.#epoch = epoch;
    this.#batch = batch;
    this.#seeds = seeds && { ...seeds };
    this.#firstAugment = firstAugment ?? seeds?.augment ?? 0;
    this.#resuming = seeds !== null && batch < this.length;
    if (this.#streams && streams) {
      this.#streams.shuffle.state = streams.shuffle;
      this.#streams.augment.state = streams.augment;
    }
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const epoch = this.#beginEpoch();
    const plan = this.#epochPlan(epoch);
    const images = openEpoch(this.dataset, plan);
    let ahead: Ahead | undefined;
    let batch: Batch | undefined;
    try {
      for (let k = epoch.first; k < this.length; k++) {
        release(batch);
        ahead ??= this.#startAhead(plan, images, k);
        const prepared = ahead?.take() ?? this.#prepare(plan, images, k);
        this.#batch = k + 1;
        if (prepared.indices.length > 0) yield (batch = this.#deliver(prepared));
      }
    } finally {
      release(batch);
      images.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const epoch = this.#beginEpoch();
    const plan = this.#epochPlan(epoch);
    const images = openEpoch(this.dataset, plan);
    const { workers = 0 } = this.#options;
    if (workers > 0) await loadThreadProgram();
    const ahead = this.#startAhead(plan, images, epoch.first);
    const ready: Prepared[] = [];
    let next = epoch.first;
    let room = ahead === undefined ? (this.#options.prefetch ?? 1) : 0;
    const fill = (): void => {
      if (ready.length >= room || next >= this.length || !images.isReady(next)) return;
      try {
        ready.push(this.#prepare(plan, images, next));
        next++;
        void pause().then(fill);
      } catch {
        // Prepared again when the loop asks for this batch, and thrown where it can be caught.
        room = 0;
      }
    };
    let batch: Batch | undefined;
    try {
      for (let k = epoch.first; k < this.length; k++) {
        await pause();
        release(batch);
        let prepared = (await ahead?.takeLater()) ?? ready.shift();
        if (prepared === undefined) {
          await images.takeLater(k);
          prepared = this.#prepare(plan, images, k);
        }
        next = Math.max(next, k + 1);
        void pause().then(fill);
        this.#batch = k + 1;
        if (prepared.indices.length > 0) yield (batch = this.#deliver(prepared));
      }
    } finally {
      room = 0;
      release(batch);
      images.close();
    }
  }

  /**
   * One epoch, of which only some parts of each batch are prepared: what one of several processes needs that train on one loader. Batches from
   * which nothing is taken are passed over. What a part holds depends on `cut.parts` but not on which others are taken. The parts live until the
   * next share is drawn.
   */
  async *share(cut: BatchCut): AsyncGenerator<BatchShare<Batch>, void, undefined> {
    const epoch = this.#beginEpoch();
    const whole = this.#epochPlan(epoch);
    const wanted = cutBatches(whole, cut);
    const filled = wanted.flatMap(({ plans }) => plans.filter(({ indices }) => indices.length > 0));
    const plan: EpochPlan = { ...whole, first: 0, end: filled.length, batch: (n) => filled[n] };
    const images = openEpoch(this.dataset, plan);
    let parts: Batch[] = [];
    try {
      if ((this.#options.workers ?? 0) > 0) await loadThreadProgram();
      const ahead = this.#startAhead(plan, images, 0);
      let next = 0;
      for (const { batch, size, first, plans } of wanted) {
        await pause();
        for (const part of parts) release(part);
        parts = [];
        this.#batch = batch + 1;
        for (const { indices } of plans) {
          const isEmpty = indices.length === 0;
          const prepared = isEmpty ? this.#nothing(indices) : await this.#prepareLater(plan, images, next, ahead);
          parts.push(this.#deliver(prepared));
          if (!isEmpty) next++;
        }
        yield { batch, size, first, parts };
      }
    } finally {
      for (const part of parts) release(part);
      images.close();
    }
  }

  async #prepareLater(plan: EpochPlan, images: EpochImages, k: number, ahead: Ahead | undefined): Promise<Prepared> {
    const prepared = await ahead?.takeLater();
    if (prepared !== undefined) return prepared;
    await images.takeLater(k);
    return this.#prepare(plan, images, k);
  }

  #nothing(indices: Int32Array): Prepared {
    return { indices, stack: { pixels: new Float32Array(0), shape: this.dataset.shape } };
  }

  #beginEpoch(): Epoch {
    const { shuffle, sampler, transform } = this.#options;
    if (!this.#resuming || this.#seeds === null) {
      const isFirst = this.#seeds === null;
      if (!isFirst) this.#epoch++;
      // Streams that are not needed are not touched: evaluating on another loader changes nothing in training.
      this.#seeds = {
        shuffle: shuffle || sampler ? (this.#streams?.shuffle ?? randomStream('shuffle')).bits() : 0,
        augment: transform || this.dataset.augmented ? (this.#streams?.augment ?? randomStream('augment')).bits() : 0,
      };
      if (isFirst) this.#firstAugment = this.#seeds.augment;
      this.#batch = 0;
    }
    this.#resuming = false;
    const random = new RandomStream(`order/${this.#seeds.shuffle}`);
    const order = sampler?.indices(random) ?? Int32Array.from({ length: this.dataset.length }, (_, i) => i);
    if (shuffle) random.shuffle(order);
    return { number: this.#epoch, order, first: this.#batch, augment: this.#seeds.augment };
  }

  #plan(epoch: Epoch, k: number): BatchPlan {
    return {
      indices: epoch.order.slice(k * this.batchSize, (k + 1) * this.batchSize),
      seed: `images/${epoch.augment}/${k}`,
      place: { epoch: epoch.number, seed: this.#firstAugment },
    };
  }

  #epochPlan(epoch: Epoch): EpochPlan {
    const { prefetch = 2 } = this.#options;
    return { first: epoch.first, end: this.length, prefetch, batch: (k) => this.#plan(epoch, k) };
  }

  #prepare(epoch: EpochPlan, images: EpochImages, k: number): Prepared {
    const taken = images.take(k);
    const plan = presentPlan(epoch.batch(k), taken);
    const places = taken.present;
    return {
      indices: plan.indices,
      stack: this.#stacker.stack((n) => taken.at(places === undefined ? n : places[n]), plan),
    };
  }

  /** Lets workers prepare the batches from `first` on, if any are ready. */
  #startAhead(plan: EpochPlan, images: EpochImages, first: number): Ahead | undefined {
    const { workers = 0, prefetch = 2 * workers } = this.#options;
    const threads = dataThreads(workers);
    if (threads.length === 0) return undefined;
    const options = { threads, first, end: plan.end, room: prefetch };
    return new Ahead(images, this.#stacker, options, (k) => plan.batch(k));
  }

  #deliver({ stack: { pixels, shape }, indices }: Prepared): Batch {
    const targets = targetsAt('DataLoader', this.dataset, indices);
    const x = withoutScope(() => Tensor.empty('DataLoader', [indices.length, ...shape]));
    x.data.set(pixels.subarray(0, x.size));
    this.#stacker.reuse(pixels);
    return { x, labels: targets.values, targets, indices };
  }
}

interface Epoch {
  number: number;
  order: Int32Array;
  first: number;
  augment: number;
}

function release(batch: Batch | undefined): void {
  if (batch !== undefined && !batch.x.kept) batch.x.dispose();
}
