/// <reference path="./alea.d.ts" />
import type { StatefulPRNG } from 'seedrandom';
import alea from 'seedrandom/lib/alea.js';
import { aleaJump, type StreamState } from './aleaJump.js';
import { ArgumentError } from './errors.js';

export type { StreamState } from './aleaJump.js';

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

  /** Where the stream stands. Assigning a saved state continues from there. */
  get state(): StreamState {
    return this.#next.state();
  }

  /** Where the stream stands. Assigning a saved state continues from there. */
  set state(state: StreamState) {
    this.#next = alea('', { state });
  }
}

/** The seed and the place of every stream, for a checkpoint. */
export interface RandomState {
  /** What `manualSeed` was last given. */
  seed: string;
  /** The state of each named stream. */
  streams: Record<string, StreamState>;
}

/** A set of named streams that grow from one seed. */
export class RandomStreams {
  #seed = '0';
  readonly #streams = new Map<string, RandomStream>();
  /** How often they were restarted or put somewhere else. */
  restarts = 0;

  /** Restarts every stream. */
  reseed(seed: string): void {
    this.#seed = seed;
    this.#streams.clear();
    this.restarts++;
  }

  /** The stream of that name, at the place where the last user of it stopped. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(`${this.#seed}/${name}`);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  state(): RandomState {
    return { seed: this.#seed, streams: Object.fromEntries([...this.#streams].map(([name, s]) => [name, s.state])) };
  }

  restore({ seed, streams }: RandomState): void {
    this.reseed(seed);
    for (const [name, state] of Object.entries(streams)) this.stream(name).state = state;
  }
}

let present = new RandomStreams();

/** The streams that are drawn from now: those of the program, or of the training run that works. */
export function presentStreams(): RandomStreams {
  return present;
}

/** Runs `fn`, which draws from `streams` up to its end, or to its first `await`. */
export function withStreams<T>(streams: RandomStreams, fn: () => T): T {
  const outer = present;
  present = streams;
  try {
    return fn();
  } finally {
    present = outer;
  }
}

/**
 * Restarts every random stream of the library from one seed: initial weights, shuffling, augmentation, dropout.
 * Without a call the seed is 0, so a program gives the same result each time. A training run that has begun has streams of its own.
 */
export function manualSeed(seed: number | string): void {
  present.reseed(String(seed));
}

/** The stream of that name, at the place where the last user of it stopped. */
export function randomStream(name: string): RandomStream {
  return present.stream(name);
}

/** A copy of the seed and of the state of every stream, for `restoreRandomState`. */
export function randomState(): RandomState {
  return present.state();
}

/**
 * Puts every stream back to where `randomState()` found it.
 *
 * Throws `ArgumentError` for what is no such state; nothing is changed then.
 */
export function restoreRandomState(state: RandomState): void {
  if (!isRandomState(state)) {
    throw new ArgumentError(
      'restoreRandomState: the state is not one that randomState() gives: { seed, streams }, a text and numbers of each stream.',
    );
  }
  present.restore(state);
}

function isRandomState(state: unknown): state is RandomState {
  const { seed, streams } = (state ?? {}) as Partial<RandomState>;
  return (
    typeof seed === 'string' &&
    typeof streams === 'object' &&
    streams !== null &&
    Object.values(streams).every((s: unknown) => isStreamState(s))
  );
}

/** Whether a value is what `RandomStream.state` gives: three fractions and a carry. */
export function isStreamState(value: unknown): value is StreamState {
  const { c, s0, s1, s2 } = (value ?? {}) as Partial<StreamState>;
  return Number.isSafeInteger(c) && [s0, s1, s2].every((s) => typeof s === 'number' && s >= 0 && s < 1);
}
