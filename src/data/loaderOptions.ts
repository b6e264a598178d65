import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { Sampler } from './sampler.js';
import type { MeanStd, Transform } from './transforms/index.js';

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /** Images a batch. */
  batchSize: number;
  /** A new random order each epoch. Default: false. */
  shuffle?: boolean | undefined;
  /** Chooses the images of each epoch in place of `shuffle`, such as a `WeightedRandomSampler`. Default: every image once. */
  sampler?: Sampler | undefined;
  /** Leaves out the last batch of an epoch when it is not full. Default: false. */
  dropLast?: boolean | undefined;
  /** Applied to each image, as floats from 0 to 1, each time it is drawn. */
  transform?: Transform | undefined;
  /** Mean and std of each channel, taken off last; see `measureMeanStd`. */
  normalize?: MeanStd | undefined;
  /** Gives this loader random streams of its own. Default: the library's streams 'shuffle' and 'augment' (`manualSeed`). */
  seed?: number | string | undefined;
  /** How many batches are prepared ahead: by `for await`, while the loop awaits something, or by workers. Default: 1, or 2 a worker. */
  prefetch?: number | undefined;
  /**
   * How many threads prepare batches beside the loop, so that it never waits for data. The batches are the same. Transforms must be
   * this library's: a function cannot be sent to a thread. Default: 0, all is done in the loop's own thread.
   */
  workers?: number | undefined;
}

/** Every option, for the message about one that is not. */
const optionNames: Record<keyof DataLoaderOptions, true> = {
  batchSize: true,
  shuffle: true,
  sampler: true,
  dropLast: true,
  transform: true,
  normalize: true,
  seed: true,
  prefetch: true,
  workers: true,
};

/** Throws `ArgumentError` for an option that is unknown or out of range, and for workers with a transform that cannot be sent to them. */
export function checkLoaderOptions(options: DataLoaderOptions): void {
  checkOptions('DataLoader', options, Object.keys(optionNames));
  const { batchSize, prefetch = 1, workers = 0, transform } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new ArgumentError(`DataLoader: batchSize is ${batchSize}, but must be a whole number >= 1.`);
  }
  if (!Number.isInteger(prefetch) || prefetch < 0) {
    throw new ArgumentError(`DataLoader: prefetch is ${prefetch}, but must be a whole number >= 0.`);
  }
  checkWhole('DataLoader', 'workers', workers, 0);
  if (options.sampler !== undefined && options.shuffle) {
    throw new ArgumentError('DataLoader: shuffle and sampler both decide the order of the images. Pass one of them.');
  }
  if (workers > 0 && transform !== undefined && transform.spec === undefined) {
    throw new ArgumentError(
      'DataLoader: the transform, or a part of it, is a function of your own, which cannot be sent to a worker thread. Pass { workers: 0 }, or compose transforms of this library alone.',
    );
  }
}
