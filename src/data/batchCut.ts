import type { BatchPlan, EpochPlan } from './epochPlan.js';

/** Which parts of each batch are wanted, when each batch is cut into `parts` of sizes that differ by one at most. */
export interface BatchCut {
  parts: number;
  /** The parts of batch `batch` (counted from 0) from `first` up to `end`; none if they are equal. */
  take(batch: number): readonly [first: number, end: number];
}

/** Some parts of one batch. */
export interface BatchShare<Part> {
  /** Counted from 0 in the epoch. */
  batch: number;
  /** Images of the whole batch. */
  size: number;
  /** The number of the first part that is here. */
  first: number;
  /** In order; a part of a batch with fewer images than parts may be empty. */
  parts: Part[];
}

/** Where part `part` of `size` images begins and ends. */
export function partBounds(size: number, parts: number, part: number): [from: number, to: number] {
  return [Math.floor((part * size) / parts), Math.floor(((part + 1) * size) / parts)];
}

/** The plans of what is taken of one batch. */
export interface BatchParts extends Omit<BatchShare<BatchPlan>, 'parts'> {
  plans: BatchPlan[];
}

/** What `cut` takes of the batches of an epoch. Each part is augmented from a seed of its own, whoever prepares it. */
export function cutBatches(epoch: Pick<EpochPlan, 'first' | 'end' | 'batch'>, cut: BatchCut): BatchParts[] {
  const taken: BatchParts[] = [];
  for (let batch = epoch.first; batch < epoch.end; batch++) {
    const [first, end] = cut.take(batch);
    if (first >= end) continue;
    const whole = epoch.batch(batch);
    const size = whole.indices.length;
    const plans: BatchPlan[] = [];
    for (let part = first; part < end; part++) {
      const indices = whole.indices.slice(...partBounds(size, cut.parts, part));
      plans.push({ ...whole, indices, seed: cut.parts === 1 ? whole.seed : `${whole.seed}/${part}` });
    }
    taken.push({ batch, size, first, plans });
  }
  return taken;
}
