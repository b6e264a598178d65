import { ArgumentError } from '../base/errors.js';
import { Targets } from '../base/targets.js';
import { type BatchCut, type BatchShare, partBounds } from '../data/batchCut.js';
import type { Dataset } from '../data/dataset.js';
import type { LoaderState } from '../data/loader.js';
import { part } from '../tensor/ops/shape/slice.js';
import { withoutScope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';

/** What a model trains or is measured on at a time: x [N, ...], and N class indices or N * K multi-hot values (images of any number of classes). */
export interface LabeledBatch {
  /** The images [N, C, H, W]. */
  x: Tensor;
  /** N class indices, or N * K zeros and ones for multi-hot labels. */
  labels: Int32Array;
  /** The labels, and which of both they are. A batch without it is told by the number of its labels. */
  targets?: Targets | undefined;
}

/** The targets of a batch, whoever made it. */
export function targetsOf({ x, labels, targets }: LabeledBatch): Targets {
  return targets ?? Targets.fromLabels(labels, x.shape[0]);
}

/**
 * Batches in order, started anew by each `for` over it: a `DataLoader`, an array of batches, or any object with an iterator
 * or an async iterator. It owns the tensors that it yields.
 */
export type BatchSource = (Iterable<LabeledBatch> | AsyncIterable<LabeledBatch>) & {
  /** The number of batches, where it is known. */
  readonly length?: number | undefined;
  /** What the batches are dealt from: a checkpoint notes its checksum. */
  readonly dataset?: Dataset | undefined;
  /** Where the source stands, and how to get there again: what a checkpoint asks of a `DataLoader`. */
  state?: (() => LoaderState) | undefined;
  /** Goes to where `state` was taken. */
  restore?: ((state: LoaderState) => void) | undefined;
  /** One epoch of parts of batches, for one of several processes: see `DataLoader.share`. Without it, each process prepares whole batches. */
  share?: ((cut: BatchCut) => AsyncIterator<BatchShare<LabeledBatch>>) | undefined;
};

/** A fresh iterator over a source of either kind. A source of both kinds is asked the simple way. */
export function iterate(who: string, source: BatchSource): Iterator<LabeledBatch> | AsyncIterator<LabeledBatch> {
  const iterable = source as Partial<Iterable<LabeledBatch>> & Partial<AsyncIterable<LabeledBatch>>;
  const iterator = iterable?.[Symbol.iterator]?.() ?? iterable?.[Symbol.asyncIterator]?.();
  if (iterator === undefined) {
    throw new ArgumentError(`${who}: the data is not iterable. Pass a DataLoader, or an array of { x, labels }.`);
  }
  return iterator;
}

/** The parts of each batch that `cut` takes. Calls of the source's iterator go through `within`. */
export function iterateShare(
  who: string,
  source: BatchSource,
  cut: BatchCut,
  within: <T>(part: () => T) => T = (run) => run(),
): AsyncIterator<BatchShare<LabeledBatch>> {
  return source.share?.(cut) ?? slices(who, source, cut, within);
}

/** Whole batches, cut. */
async function* slices(
  who: string,
  source: BatchSource,
  cut: BatchCut,
  within: <T>(part: () => T) => T,
): AsyncGenerator<BatchShare<LabeledBatch>> {
  const batches = within(() => iterate(who, source));
  try {
    for (let batch = 0; ; batch++) {
      const { done, value: whole } = await within(() => batches.next());
      if (done) return;
      const [first, end] = cut.take(batch);
      if (first >= end) continue;
      const size = whole.x.shape[0];
      const parts = Array.from({ length: end - first }, (_, i) =>
        rowsOf(whole, ...partBounds(size, cut.parts, first + i)),
      );
      try {
        yield { batch, size, first, parts };
      } finally {
        for (const { x } of parts) if (x !== whole.x) x.dispose();
      }
    }
  } finally {
    await batches.return?.();
  }
}

function rowsOf(whole: LabeledBatch, from: number, to: number): LabeledBatch {
  const size = whole.x.shape[0];
  if (from === 0 && to === size) return whole;
  const x = withoutScope(() => part('fit', whole.x, 0, from, to - from));
  const targets = targetsOf(whole).slice(from, to);
  return { x, labels: targets.values, targets };
}
