import { presentStreams, type RandomState, RandomStreams, withStreams } from '../base/random.js';

const active = new Set<RunRandom>();

/**
 * The random streams of one training run: those of the program as the run begins, and from then on its own, so that what other runs and the
 * program draw meanwhile does not change it. While the run works they stand in for the program's, up to each `await`.
 *
 * When a run ends, the program's streams go on where the run left them, as if it had drawn from them. Two runs that overlap in time leave the
 * program's streams alone: which of them ends first is chance.
 */
export class RunRandom {
  readonly #streams = new RandomStreams();
  readonly #outer = presentStreams();
  readonly #before = this.#outer.state();
  readonly #restarts = this.#outer.restarts;
  #overlaps = false;

  constructor() {
    this.#streams.restore(this.#before);
  }

  state(): RandomState {
    return this.#streams.state();
  }

  restore(state: RandomState): void {
    this.#streams.restore(state);
  }

  /** Runs `fn` with these streams, up to its end or its first `await`. */
  use<T>(fn: () => T): T {
    return withStreams(this.#streams, fn);
  }

  begin(): void {
    for (const other of active) {
      if (other.#outer !== this.#outer) continue;
      other.#overlaps = true;
      this.#overlaps = true;
    }
    active.add(this);
  }

  /** Hands the streams back to the program, except those that it has drawn from or restarted since. */
  end(): void {
    if (!active.delete(this) || this.#overlaps || this.#outer.restarts !== this.#restarts) return;
    const { seed, streams } = this.#streams.state();
    const now = this.#outer.state().streams;
    // A resumed run has the seed that it began with.
    if (seed !== this.#before.seed && Object.keys(now).every((name) => this.#isUntouched(name, now))) {
      this.#outer.restore({ seed, streams });
      return;
    }
    for (const [name, state] of Object.entries(streams)) {
      if (this.#isUntouched(name, now)) this.#outer.stream(name).state = state;
    }
  }

  #isUntouched(name: string, now: RandomState['streams']): boolean {
    return JSON.stringify(now[name]) === JSON.stringify(this.#before.streams[name]);
  }
}
