import { RandomStream, type StreamState } from '../base/random.js';
import type { Deferred, Storage } from './storage.js';

/** A random number for one element. */
export type Draw = (random: RandomStream) => number;

/**
 * The first numbers of a parameter that nobody has read yet: zeros, or draws from a stream that has moved on since, which keep their place in
 * it. A weight that is loaded from a file before it is read never draws them.
 */
export class InitialValues implements Deferred {
  readonly #draw: Draw | null;
  readonly #state: StreamState | null;

  constructor(from: { state: StreamState; draw: Draw } | null = null) {
    this.#draw = from?.draw ?? null;
    this.#state = from?.state ?? null;
  }

  run(target: Storage): void {
    const { data } = target;
    if (this.#draw === null || this.#state === null) {
      data.fill(0);
      return;
    }
    const random = new RandomStream('');
    random.state = this.#state;
    const draw = this.#draw;
    for (let i = 0; i < data.length; i++) data[i] = draw(random);
  }
}
