/** The `count` best of many, by score: a heap whose root is the worst that is kept. */
export class Best {
  readonly #scores: Float64Array;
  readonly #ids: Int32Array;
  length = 0;

  constructor(readonly count: number) {
    this.#scores = new Float64Array(count);
    this.#ids = new Int32Array(count);
  }

  /** What a score must exceed to be kept. */
  get least(): number {
    return this.length < this.count ? Number.NEGATIVE_INFINITY : this.#scores[0];
  }

  /** Keeps it if it is good enough; of equal scores the one that came first. */
  add(id: number, score: number): void {
    if (this.count === 0) return;
    if (this.length < this.count) {
      this.#rise(this.length++, id, score);
    } else if (score > this.#scores[0]) {
      this.#sink(id, score);
    }
  }

  /** Takes all out, best first. */
  take(): { id: number; score: number }[] {
    const found = Array.from({ length: this.length }, (_, i) => ({ id: this.#ids[i], score: this.#scores[i] }));
    this.length = 0;
    return found.sort((a, b) => b.score - a.score || a.id - b.id);
  }

  #rise(from: number, id: number, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#scores[parent] <= score) break;
      this.#set(at, this.#ids[parent], this.#scores[parent]);
      at = parent;
    }
    this.#set(at, id, score);
  }

  #sink(id: number, score: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.length) break;
      if (child + 1 < this.length && this.#scores[child + 1] < this.#scores[child]) child++;
      if (this.#scores[child] >= score) break;
      this.#set(at, this.#ids[child], this.#scores[child]);
      at = child;
    }
    this.#set(at, id, score);
  }

  #set(at: number, id: number, score: number): void {
    this.#ids[at] = id;
    this.#scores[at] = score;
  }
}
