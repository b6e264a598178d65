import { ArgumentError } from '../tensor/errors.js';
import type { Tensor } from '../tensor/tensor.js';

/** What a model trains or is measured on at a time: x [N, ...] and N class numbers. */
export interface Batch {
  x: Tensor;
  labels: Int32Array;
}

/**
 * Batches in order, started anew by each `for` over it: a `DataLoader`, an array of batches, or any object with an iterator
 * or an async iterator.
 */
export type BatchSource = (Iterable<Batch> | AsyncIterable<Batch>) & {
  /** The number of batches, where it is known. */
  readonly length?: number;
};

/** A fresh iterator over a source of either kind. */
export function iterate(who: string, source: BatchSource): Iterator<Batch> | AsyncIterator<Batch> {
  const iterable = source as Partial<Iterable<Batch>> & Partial<AsyncIterable<Batch>>;
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
  if (iterator === undefined) {
    throw new ArgumentError(`${who}: the data is not iterable. Pass a DataLoader, or an array of { x, labels }.`);
  }
  return iterator;
}
