import { ArgumentError } from '../base/errors.js';
import type { Dataset } from '../data/dataset.js';
import type { LoaderState } from '../data/loader.js';
import type { Tensor } from '../tensor/tensor.js';

/** What a model trains or is measured on at a time: x [N, ...], and N class indices or N * K multi-hot values (images of any number of classes). */
export interface LabelledBatch {
  /** The images [N, C, H, W]. */
  x: Tensor;
  /** N class indices, or N * K zeros and ones for multi-hot labels. */
  labels: Int32Array;
}

/**
 * Batches in order, started anew by each `for` over it: a `DataLoader`, an array of batches, or any object with an iterator
 * or an async iterator. It owns the tensors that it yields.
 */
export type BatchSource = (Iterable<LabelledBatch> | AsyncIterable<LabelledBatch>) & {
  /** The number of batches, where it is known. */
  readonly length?: number | undefined;
  /** What the batches are dealt from: a checkpoint notes its checksum. */
  readonly dataset?: Dataset | undefined;
  /** Where the source stands, and how to get there again: what a checkpoint asks of a `DataLoader`. */
  state?: (() => LoaderState) | undefined;
  /** Goes to where `state` was taken. */
  restore?: ((state: LoaderState) => void) | undefined;
};

/** A fresh iterator over a source of either kind. A source of both kinds is asked the simple way. */
export function iterate(who: string, source: BatchSource): Iterator<LabelledBatch> | AsyncIterator<LabelledBatch> {
  const iterable = source as Partial<Iterable<LabelledBatch>> & Partial<AsyncIterable<LabelledBatch>>;
  const iterator = iterable?.[Symbol.iterator]?.() ?? iterable?.[Symbol.asyncIterator]?.();
  if (iterator === undefined) {
    throw new ArgumentError(`${who}: the data is not iterable. Pass a DataLoader, or an array of { x, labels }.`);
  }
  return iterator;
}
