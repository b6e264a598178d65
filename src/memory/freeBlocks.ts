/**
 * The free blocks of a heap, in units of its choice below 2^31: segregated fits with coalescing.
 *
 * Blocks lie in bins by size, four bins for each power of two. `take` looks for the tightest block in the request's own bin,
 * then for any block of the next bin that has one, and gives back the rest; `add` merges with both free neighbors.
 * A training step asks for the same sizes in the same order each time, so after the first step every request is met at once.
 *
 * Source: Wilson et al. 1995, "Dynamic storage allocation: a survey and critical review", section 3.6.
 */
export class FreeBlocks {
  readonly #sizeAt = new Map<number, number>();
  readonly #startOfEnd = new Map<number, number>();
  readonly #bins: Set<number>[] = Array.from({ length: 4 * 31 }, () => new Set<number>());

  /** Removes `size` units from a free block and returns their start, or undefined when no block is large enough. */
  take(size: number): number | undefined {
    const start = this.#find(size);
    if (start === undefined) return undefined;
    const whole = this.#sizeAt.get(start) as number;
    this.#remove(start, whole);
    if (whole > size) this.#insert(start + size, whole - size);
    return start;
  }

  /** Returns a block, merged with the free blocks that touch it. */
  add(start: number, size: number): void {
    const before = this.#startOfEnd.get(start);
    if (before !== undefined) {
      this.#remove(before, start - before);
      size += start - before;
      start = before;
    }
    const after = this.#sizeAt.get(start + size);
    if (after !== undefined) {
      this.#remove(start + size, after);
      size += after;
    }
    this.#insert(start, size);
  }

  /** The size of the free block that ends at `end`, 0 if there is none. */
  endingAt(end: number): number {
    const start = this.#startOfEnd.get(end);
    return start === undefined ? 0 : end - start;
  }

  #find(size: number): number | undefined {
    const bin = binOf(size);
    let best: number | undefined;
    let bestSize = Number.POSITIVE_INFINITY;
    for (const start of this.#bins[bin] as Set<number>) {
      const candidate = this.#sizeAt.get(start) as number;
      if (candidate >= size && candidate < bestSize) {
        best = start;
        bestSize = candidate;
        if (candidate === size) break;
      }
    }
    if (best !== undefined) return best;
    for (let b = bin + 1; b < this.#bins.length; b++) {
      for (const start of this.#bins[b] as Set<number>) return start;
    }
    return undefined;
  }

  #insert(start: number, size: number): void {
    this.#sizeAt.set(start, size);
    this.#startOfEnd.set(start + size, start);
    (this.#bins[binOf(size)] as Set<number>).add(start);
  }

  #remove(start: number, size: number): void {
    this.#sizeAt.delete(start);
    this.#startOfEnd.delete(start + size);
    (this.#bins[binOf(size)] as Set<number>).delete(start);
  }
}

/** Four bins for each power of two: [2^k, 1.25 2^k), [1.25 2^k, 1.5 2^k), ... */
function binOf(size: number): number {
  const k = 31 - Math.clz32(size);
  return 4 * k + (k < 2 ? (size << (2 - k)) & 3 : (size >> (k - 2)) & 3);
}
