/// <reference path="./alea.d.ts" />
import type { StatefulPRNG } from 'seedrandom';
import alea from 'seedrandom/lib/alea.js';
import { aleaJump } from './aleaJump.js';

/** The state of one stream: plain numbers, fit for JSON. */
export type StreamState = Record<'c' | 's0' | 's1' | 's2', number>;

/**
 * A named sequence of random numbers. Everything random draws from the stream of its purpose ('init', 'shuffle',
 * 'augment', 'dropout'), so that, say, one more layer with dropout does not change the order of the images.
 *
 * Source: Baagøe's Alea generator, through the package seedrandom.
 */
export class RandomStream {
  #next: StatefulPRNG<StreamState>;

  constructor(seed: string) {
    this.#next = alea(seed, { state: true });
  }

  /** A number in [0, 1). */
  uniform(): number {
    return this.#next();
  }

  /** A whole number in [0, n). */
  integer(n: number): number {
    return Math.floor(this.#next() * n);
  }

  /** 32 random bits as a signed integer: the seed of a kernel that hashes its own randomness. */
  bits(): number {
    return this.#next.int32();
  }

  /** Goes on as after so many draws of `uniform()`, without making them; `normal()` is two. */
  skip(draws: number): void {
    const after = aleaJump(this.state, draws);
    if (after !== null) this.state = after;
    else for (let i = 0; i < draws; i++) this.#next();
  }

  /** A draw from the normal distribution with mean 0 and variance 1 (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#next()));
    return radius * Math.cos(2 * Math.PI * this.#next());
  }

  /** Shuffles in place: every order is equally likely (Durstenfeld 1964). */
  shuffle<T extends { length: number; [i: number]: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }

  get state(): StreamState {
    return this.#next.state();
  }

  set state(state: StreamState) {
    this.#next = alea('', { state });
  }
}

let rootSeed: string = '0';
const streams = new Map<string, RandomStream>();

/**
 * Restarts every random stream of the library from one seed: initial weights, shuffling, augmentation, dropout.
 * Without a call the seed is 0, so a program gives the same result each time.
 */
export function manualSeed(seed: number | string): void {
  rootSeed = String(seed);
  streams.clear();
}

/** The stream of that name, at the place where the last user of it stopped. */
export function randomStream(name: string): RandomStream {
  let stream = streams.get(name);
  if (stream === undefined) {
    stream = new RandomStream(`${rootSeed}/${name}`);
    streams.set(name, stream);
  }
  return stream;
}

/** The seed and the place of every stream, for a checkpoint. */
export interface RandomState {
  seed: string;
  streams: Record<string, StreamState>;
}

export function randomState(): RandomState {
  return { seed: rootSeed, streams: Object.fromEntries([...streams].map(([name, s]) => [name, s.state])) };
}

/** Puts every stream back to where `randomState()` found it. */
export function restoreRandomState(state: RandomState): void {
  manualSeed(state.seed);
  for (const [name, s] of Object.entries(state.streams)) randomStream(name).state = s;
}
