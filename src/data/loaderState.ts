import { ArgumentError } from '../base/errors.js';
import { isStreamState, type StreamState } from '../base/random.js';

/** Where a loader stands: plain values, fit for JSON. */
export interface LoaderState {
  /** Epochs begun before the current one. */
  epoch: number;
  /** Batches drawn of the current epoch. */
  batch: number;
  /** What the current epoch's order and augmentation grow from; null before its first batch. */
  seeds: EpochSeeds | null;
  /** The first epoch's seed for augmentation, which all later ones are told too (`Place`). */
  firstAugment?: number | undefined;
  /** The loader's own streams, when it has a `seed`. */
  streams?: { shuffle: StreamState; augment: StreamState } | undefined;
}

interface EpochSeeds {
  shuffle: number;
  augment: number;
}

/** Throws `ArgumentError` unless `state` is one that a loader gives, and a place in epochs of `length` batches; returns it. */
export function checkLoaderState(who: string, state: LoaderState, length = Number.POSITIVE_INFINITY): LoaderState {
  const { epoch, batch, seeds, firstAugment, streams } = state ?? {};
  const isWhole =
    (seeds === null || (Number.isSafeInteger(seeds?.shuffle) && Number.isSafeInteger(seeds?.augment))) &&
    (firstAugment === undefined || Number.isSafeInteger(firstAugment)) &&
    (streams === undefined || (isStreamState(streams?.shuffle) && isStreamState(streams?.augment)));
  if (!isWhole) {
    throw new ArgumentError(
      `${who}.restore: the state is not one that state() gives: epoch, batch, seeds and streams. Nothing was changed.`,
    );
  }
  if (!Number.isInteger(epoch) || epoch < 0 || !Number.isInteger(batch) || batch < 0 || batch > length) {
    throw new ArgumentError(
      `${who}.restore: epoch ${epoch}, batch ${batch} is no place in epochs of ${length} batches. Restore with the data set and options that the state was taken with.`,
    );
  }
  return state;
}
