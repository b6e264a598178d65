import type { ProcessGroup } from '../../distributed/processGroup.js';
import { TreeSum } from '../../distributed/treeSum.js';
import type { Parameter } from '../../tensor/parameter.js';

/** Numbers of a bucket, 2 MB: large enough for the network, small enough that several are under way during the backward pass. */
const BUCKET = 524_288;

interface Bucket {
  from: number;
  to: number;
  /** Parameters whose last gradient has not come yet. */
  open: number;
}

/**
 * The gradients of a rank's micro-batches, added in a binary tree and sent in buckets. Parameters are in the reverse of their order in the
 * model, which is about the order in which the backward pass completes them.
 */
export class GradientBuckets {
  readonly #sum: TreeSum;
  readonly #places: Map<Parameter, { at: number; bucket: number }>;
  readonly #buckets: Bucket[] = [];
  /** Parameters that a backward pass has reached in this step. */
  readonly reached = new Set<Parameter>();
  #next = 0;

  constructor(
    readonly parameters: readonly Parameter[],
    readonly leaves: number,
  ) {
    this.#places = new Map();
    let at = 0;
    for (const p of [...parameters].reverse()) {
      const last = this.#buckets.at(-1);
      if (last === undefined || last.to - last.from >= BUCKET) this.#buckets.push({ from: at, to: at, open: 0 });
      this.#places.set(p, { at, bucket: this.#buckets.length - 1 });
      at += p.size;
      (this.#buckets.at(-1) as Bucket).to = at;
    }
    this.#sum = new TreeSum(leaves, at);
  }

  begin(): void {
    this.reached.clear();
    this.#next = 0;
    for (const bucket of this.#buckets) bucket.open = 0;
    for (const { bucket } of this.#places.values()) this.#buckets[bucket].open++;
    for (const p of this.parameters) p.zeroGrad();
  }

  /** Adds the gradient of one parameter to the tree, and forgets it. */
  add(leaf: number, p: Parameter): void {
    const place = this.#places.get(p);
    if (place === undefined) return;
    if (p.hasFreshGrad) this.reached.add(p);
    this.#sum.add(leaf, place.at, p.size, p.hasFreshGrad ? (p.grad?.data ?? null) : null);
    p.zeroGrad();
    if (leaf === this.leaves - 1) this.#buckets[place.bucket].open--;
  }

  /** The buckets that are complete now and were not before: each is the sum of this rank, to be summed over ranks in place. */
  *complete(): Generator<Float32Array> {
    for (; this.#next < this.#buckets.length && this.#buckets[this.#next].open === 0; this.#next++) {
      const { from, to } = this.#buckets[this.#next];
      yield this.#sum.total.subarray(from, to);
    }
  }

  /** Puts the sums into the parameters of which `isReached` is true; the others have no gradient in this step. */
  finish(isReached: (p: Parameter, index: number) => boolean): void {
    for (const [index, p] of this.parameters.entries()) {
      if (!isReached(p, index)) continue;
      const { at } = this.#places.get(p) as { at: number };
      p.gradientBuffer().data.set(this.#sum.total.subarray(at, at + p.size));
    }
  }
}

/** Sums that are under way. A failure is thrown by `settled` and nowhere else. */
export class Reductions {
  #pending: Promise<unknown>[] = [];

  constructor(readonly group: ProcessGroup) {}

  start(x: Float32Array): void {
    this.add(this.group.allReduce(x));
  }

  add(work: Promise<unknown>): void {
    work.catch(() => undefined);
    this.#pending.push(work);
  }

  async settled(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    await Promise.all(pending);
  }
}
