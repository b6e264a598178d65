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
