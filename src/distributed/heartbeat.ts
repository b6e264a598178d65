export interface HeartbeatOptions {
  /** Milliseconds between two signs of life. */
  interval: number;
  /** Milliseconds of silence after which a rank is taken for hung. */
  timeout: number;
  beat: () => void;
  /** Gets the rank that has been silent the longest, and for how many milliseconds. */
  silent: (rank: number, milliseconds: number) => void;
}

/** How many times as long as this process has been busy without a break others may be silent: they do the same work. */
const TIMES_BUSY = 3;

/**
 * Sends signs of life and notices when another rank sends none. A process that computes cannot hear, so time during which this process was
 * busy itself does not count against others, and a rank may always be silent three times as long as this one ever was.
 */
export class Heartbeat {
  readonly #heard: number[];
  readonly #timer: ReturnType<typeof setInterval>;
  #last = Date.now();
  #longest = 0;

  constructor(
    ranks: number,
    readonly self: number,
    readonly options: HeartbeatOptions,
  ) {
    this.#heard = new Array(ranks).fill(this.#last);
    this.#timer = setInterval(() => this.#tick(), options.interval);
    (this.#timer as { unref?: (() => void) | undefined }).unref?.();
    options.beat();
  }

  /** Notes a sign of life. */
  hear(rank: number): void {
    this.#heard[rank] = Date.now();
  }

  /** Does not expect a sign of life from this rank before the next one. */
  forget(rank: number): void {
    this.#heard[rank] = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = Date.now();
    const busy = now - this.#last - this.options.interval;
    this.#last = now;
    this.#longest = Math.max(this.#longest, busy);
    this.options.beat();
    // Whatever came while this process was busy has not been read yet.
    if (busy > this.options.interval / 2) {
      for (let rank = 0; rank < this.#heard.length; rank++) this.#heard[rank] += busy;
      return;
    }
    const allowed = Math.max(this.options.timeout, TIMES_BUSY * this.#longest);
    let silent = -1;
    for (let rank = 0; rank < this.#heard.length; rank++) {
      if (rank === this.self || now - this.#heard[rank] <= allowed) continue;
      if (silent < 0 || this.#heard[rank] < this.#heard[silent]) silent = rank;
    }
    if (silent >= 0) this.options.silent(silent, now - this.#heard[silent]);
  }
}
