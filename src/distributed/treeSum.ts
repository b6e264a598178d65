/**
 * Sums arrays that come one after the other as a binary tree adds them: ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). As a binary counter does, it
 * keeps one partial sum for each power of 2. Different stretches of the arrays may be at different leaves.
 */
export class TreeSum {
  readonly #levels: Float32Array[];

  /** `leaves` must be a power of 2. */
  constructor(
    readonly leaves: number,
    length: number,
  ) {
    const levels = Math.max(1, Math.log2(leaves));
    this.#levels = Array.from({ length: levels }, () => new Float32Array(length));
  }

  /** The sum, where the last leaf has been added. */
  get total(): Float32Array {
    return this.#levels[0];
  }

  /** Adds a stretch of leaf `leaf` (from 0, in order), from position `at`; null stands for `length` zeros. */
  add(leaf: number, at: number, length: number, values: Float32Array | null): void {
    let depth = 0;
    let merges = 0;
    for (let bits = leaf; bits > 0; bits >>= 1) depth += bits & 1;
    for (let bits = leaf; (bits & 1) === 1; bits >>= 1) merges++;
    const end = at + length;
    if (merges === 0) {
      const level = this.#levels[depth];
      if (values === null) level.fill(0, at, end);
      else level.set(values, at);
      return;
    }
    addTo(this.#levels[depth - 1].subarray(at, end), values);
    for (let level = depth - 2; level >= depth - merges; level--) {
      addTo(this.#levels[level].subarray(at, end), this.#levels[level + 1].subarray(at, end));
    }
  }
}

/** Zeros are added too: they turn -0 into 0, as they would on another rank. */
function addTo(x: Float32Array, y: Float32Array | null): void {
  if (y === null) for (let i = 0; i < x.length; i++) x[i] += 0;
  else for (let i = 0; i < x.length; i++) x[i] += y[i];
}
