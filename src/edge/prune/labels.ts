/** The label of what must stay: images, logits, and whatever an operation needs whole. */
export const FIXED = 0;

/**
 * Labels of channels: places that have to go together have the same label (union-find). A channel of a residual stream, for example, is one
 * label in every convolution that writes or reads the stream.
 */
export class Labels {
  readonly #parent: number[] = [FIXED];

  /** So many new labels, one after another. */
  fresh(count: number): Int32Array {
    return Int32Array.from({ length: count }, () => this.#parent.push(this.#parent.length) - 1);
  }

  /** What stands for all labels that this one was joined with. */
  find(label: number): number {
    const parent = this.#parent;
    let root = label;
    while (parent[root] !== root) root = parent[root];
    // Paths are shortened, so that the next search is quick.
    for (let at = label; parent[at] !== root; ) {
      const next = parent[at];
      parent[at] = root;
      at = next;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    // The smaller one wins, and FIXED is the smallest.
    if (x < y) this.#parent[y] = x;
    else this.#parent[x] = y;
  }

  /** Joins two axes place by place; one without labels is fixed. */
  joinAxes(a: AxisLabels, b: AxisLabels): void {
    const length = a?.length ?? b?.length ?? 0;
    for (let i = 0; i < length; i++) this.join(a?.[i] ?? FIXED, b?.[i] ?? FIXED);
  }

  /** Makes all places of an axis stay. */
  fix(axis: AxisLabels): void {
    this.joinAxes(axis, null);
  }
}

/** The label of each index of an axis; null where nothing can be removed. */
export type AxisLabels = Int32Array | null;

/** Labels for each axis of a tensor. */
export type TensorLabels = readonly AxisLabels[];
