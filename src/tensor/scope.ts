import { isPromise } from '../base/describeValue.js';
import { ArgumentError, OutOfMemoryError } from '../base/errors.js';
import { whenMemoryIsOut } from '../memory/heap.js';
import type { Recording } from './recording.js';
import type { Tensor } from './tensor.js';

/** So many tapes inside one another are no program's intention. */
const MOST_TAPES = 16;
/** So many tensors in one scope look like a loop inside a tape that was never closed. */
const MANY_TENSORS = 100_000;
/** A Set takes no more. */
const MOST_TENSORS = 2 ** 24 - 1;

const CLOSE =
  'A tape owns every tensor that is made until it closes: use withTape(...) or `using tape = new Tape()`, or call tape.close().';

let innermost: Scope | null = null;
let exempt = 0;
let warnedOfTapes = false;
let warnedOfTensors = false;

whenMemoryIsOut(() => {
  let [tensors, elements] = [0, 0];
  for (let s = innermost; s !== null; s = s.parent) {
    tensors += s.size;
    elements += s.elements();
  }
  return tensors < 1000
    ? ''
    : `${tensors} tensors of ${elements} numbers in all wait for open tapes or scopes to close.`;
});

/** The innermost open scope, or null. */
export function currentScope(): Scope | null {
  return innermost;
}

/** Whether `withoutScope` runs: what is made now belongs to a module, an optimizer or another owner, who releases it. */
export function hasOwner(): boolean {
  return exempt > 0;
}

/** What the tape records to now: that of the innermost scope which has a say. */
export function currentTape(): Recording | null {
  return innermost === null ? null : innermost.tape;
}

/**
 * Owns the tensors that are made while it is open and releases them when it closes. Scopes nest; a tape is a scope that
 * also records. Users meet `scope(fn)`, `new Tape()` and `withTape(fn)`; parameters and kept tensors belong to no scope.
 */
export class Scope {
  /** What records while this scope is the innermost one. */
  readonly tape: Recording | null;
  #parent: Scope | null = innermost;
  /** How many tapes are open here, this one included. */
  readonly #tapes: number;
  readonly #owned = new Set<Tensor>();
  #open = true;

  /** `recording: false` shuts out the surrounding tape: what `predict` runs leaves no record. */
  constructor(
    options: {
      recording?: boolean | undefined;
      tape?: Recording | undefined;
    } = {},
  ) {
    const parent = this.#parent;
    this.tape = options.tape ?? (options.recording === false ? null : (parent?.tape ?? null));
    this.#tapes = (parent === null ? 0 : parent.#tapes) + (options.tape === undefined ? 0 : 1);
    innermost = this;
    if (this.#tapes >= MOST_TAPES && !warnedOfTapes) {
      warnedOfTapes = true;
      const before = parent?.tape?.describe() ?? 'no operation';
      console.warn(
        `stridenet: ${this.#tapes} tapes are open, one inside the other; the one before has recorded ${before}. ${CLOSE}`,
      );
    }
  }

  /** The scope around this one, or null. */
  get parent(): Scope | null {
    return this.#parent;
  }

  /** How many tensors it owns. */
  get size(): number {
    return this.#owned.size;
  }

  /** How many numbers they hold, those of shared blocks counted for each. */
  elements(): number {
    let sum = 0;
    for (const tensor of this.#owned) sum += tensor.size;
    return sum;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Throws `OutOfMemoryError` past the number of tensors that a scope can own. */
  adopt(tensor: Tensor): void {
    const count = this.#owned.size;
    if (count >= MANY_TENSORS) this.#checkCount(count, tensor);
    this.#owned.add(tensor);
  }

  #checkCount(count: number, { storage }: Tensor): void {
    if (count >= MOST_TENSORS) {
      throw new OutOfMemoryError(`${storage.op}: one scope owns ${count} tensors, and can own no more. ${CLOSE}`);
    }
    if (warnedOfTensors) return;
    warnedOfTensors = true;
    console.warn(
      `stridenet: ${count} tensors wait for one open tape or scope to close, the last of them made by '${storage.op}'. ${CLOSE}`,
    );
  }

  owns(tensor: Tensor): boolean {
    return this.#owned.has(tensor);
  }

  /** Takes a tensor out, so that closing leaves it alone. True if this scope or one around it owned it. */
  disown(tensor: Tensor): boolean {
    for (let s: Scope | null = this; s !== null; s = s.parent) if (s.#owned.delete(tensor)) return true;
    return false;
  }

  /** Closes this scope, and any left open inside it, and releases what they own. */
  close(): void {
    if (!this.#open) return;
    if (this.#surrounds(innermost)) {
      for (let s = innermost; s !== null && s !== this; s = s.parent) s.#finish();
      innermost = this.parent;
    }
    this.#finish();
  }

  /** False for a scope that was opened under `withoutScope` and outlived it: it has nothing inside. */
  #surrounds(inner: Scope | null): boolean {
    for (let s = inner; s !== null; s = s.parent) if (s === this) return true;
    return false;
  }

  /** Closes this scope and hands what it owns to the one around it. */
  merge(): void {
    if (this.parent === null) {
      for (const tensor of this.#owned) tensor.watchForLeaks();
    } else {
      for (const tensor of this.#owned) this.parent.adopt(tensor);
    }
    this.#owned.clear();
    this.close();
  }

  /**
   * For a tape that was forgotten: takes this scope out from among the open ones and leaves what it owns to the garbage
   * collector, since somebody may still use a part of it. False if it was closed before.
   */
  abandon(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    if (innermost === this) innermost = this.#parent;
    for (let s = innermost; s !== null; s = s.#parent) if (s.#parent === this) s.#parent = this.#parent;
    for (const tensor of this.#owned) tensor.watchForLeaks();
    this.#owned.clear();
    return true;
  }

  #finish(): void {
    this.#open = false;
    for (const tensor of this.#owned) tensor.dispose();
    this.#owned.clear();
  }
}

/**
 * Takes `scope`, and those that are open inside it, out of use until the function that it returns is called: for work that awaits something
 * while its tape is open.
 */
export function setScopeAside(scope: Scope): () => void {
  const inner = innermost;
  innermost = scope.parent;
  return () => {
    innermost = inner;
  };
}

/**
 * Runs `fn` and releases every tensor that it made, but for those it returns (a tensor, or an array or record of them).
 * Inside an open tape nothing is released early, since the backward pass may need it.
 *
 * @example
 * const probabilities = scope(() => softmax(model.forward(x)));
 */
export function scope<T>(fn: () => T): T {
  return runScope('scope', new Scope(), fn);
}

/** Like `scope`, but a surrounding tape records nothing of it. */
export function withoutTape<T>(fn: () => T): T {
  return runScope('withoutTape', new Scope({ recording: false }), fn);
}

/** `withoutTape` for the forward pass of a prediction, which its errors name. */
export function inPrediction<T>(fn: () => T): T {
  return runScope('predict', new Scope({ recording: false }), fn);
}

/** Runs `fn` so that what it makes belongs to no scope: parameters, buffers, optimizer state. */
export function withoutScope<T>(fn: () => T): T {
  const saved = innermost;
  innermost = null;
  exempt++;
  try {
    const result = fn();
    refusePromises('withoutScope', result);
    return result;
  } finally {
    exempt--;
    innermost = saved;
  }
}

function runScope<T>(who: string, inner: Scope, fn: () => T): T {
  try {
    const result = fn();
    refusePromises(who, result);
    if (inner.tape !== null) {
      inner.merge();
      return result;
    }
    handOver(inner, result);
    return result;
  } finally {
    inner.close();
  }
}

/**
 * Throws `ArgumentError` when a callback has returned a promise, or an array of them: it goes on after its first `await`, but
 * its scope or tape closes when it returns. What the promise itself ends with is nobody's business then.
 */
export function refusePromises(who: string, result: unknown): void {
  const promises = isPromise(result) ? [result] : Array.isArray(result) ? result.filter(isPromise) : [];
  if (promises.length === 0) return;
  for (const promise of promises) promise.then(undefined, () => undefined);
  const what = who === 'predict' ? 'forward' : 'the callback';
  throw new ArgumentError(
    `${who}: ${what} returned a promise, but must be synchronous: tapes and scopes close as soon as it returns, which an async function does at its first await. Await what you need before ${who}, and hand in the result.`,
  );
}

/** Moves the tensors in `result` to the scope around `inner`. */
export function handOver(inner: Scope, result: unknown): void {
  for (const tensor of tensorsIn(result)) if (inner.owns(tensor)) tensor.moveOut(inner);
}

function* tensorsIn(value: unknown): Generator<Tensor> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if ('storage' in value && 'moveOut' in value) yield value as Tensor;
  else if (Array.isArray(value)) for (const item of value) yield* tensorsIn(item);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) yield* tensorsIn(item);
  }
}
