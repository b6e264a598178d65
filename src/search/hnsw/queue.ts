/** Numbers with scores, the best first: a heap that grows. */
export class Queue {
  #scores = new Float64Array(256);
  #ids = new Int32Array(256);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  push(id: number, score: number): void {
    if (this.length === this.#ids.length) this.#grow();
    const [scores, ids] = [this.#scores, this.#ids];
    let at = this.length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (scores[parent] >= score) break;
      scores[at] = scores[parent];
      ids[at] = ids[parent];
      at = parent;
    }
    scores[at] = score;
    ids[at] = id;
  }

  /** The score of the best one. */
  get best(): number {
    return this.#scores[0];
  }

  /** Takes out the best one. */
  pop(): number {
    const [scores, ids] = [this.#scores, this.#ids];
    const first = ids[0];
    const last = --this.length;
    const [id, score] = [ids[last], scores[last]];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && scores[child + 1] > scores[child]) child++;
      if (scores[child] <= score) break;
      scores[at] = scores[child];
      ids[at] = ids[child];
      at = child;
    }
    ids[at] = id;
    scores[at] = score;
    return first;
  }

  #grow(): void {
    const [ids, scores] = [new Int32Array(2 * this.#ids.length), new Float64Array(2 * this.#ids.length)];
    ids.set(this.#ids);
    scores.set(this.#scores);
    this.#ids = ids;
    this.#scores = scores;
  }
}
