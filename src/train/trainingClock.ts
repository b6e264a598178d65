/** A pause longer than this, and than twenty times the longest step so far, is taken for sleep. */
const SHORTEST_SLEEP = 60;
const TIMES_LONGEST = 20;

/**
 * The seconds that training has taken: those between its `tick`s. Where the machine's clock goes on while a laptop sleeps, the gap is left
 * out: a pause of over a minute that is twenty times as long as any before it counts as long as the longest.
 */
export class TrainingClock {
  /** Seconds that count. */
  seconds = 0;
  #last = performance.now();
  #longest = 0;

  /** Begins to count, or goes on, from now. */
  start(): void {
    this.#last = performance.now();
  }

  /** Counts the time since the last tick, and returns it. */
  tick(now = performance.now()): number {
    const gap = (now - this.#last) / 1000;
    this.#last = now;
    const slept = this.#longest > 0 && gap > SHORTEST_SLEEP && gap > TIMES_LONGEST * this.#longest;
    const counted = slept ? this.#longest : gap;
    this.#longest = Math.max(this.#longest, counted);
    this.seconds += counted;
    return counted;
  }
}
