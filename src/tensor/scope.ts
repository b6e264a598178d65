import type { Storage } from './storage.js';
import type { Tape } from './tape.js';
import type { Tensor } from './tensor.js';

let innermost: Scope | null = null;

/** The innermost open scope, or null. */
export function currentScope(): Scope | null {
  return innermost;
}

/** The tape that records now: that of the innermost scope which has a say. */
export function currentTape(): Tape | null {
  return innermost === null ? null : innermost.tape;
}

/**
 * Owns the tensors that are made while it is open and releases them when it closes. Scopes nest; a tape is a scope that
 * also records. Users meet `scope(fn)`, `new Tape()` and `withTape(fn)`; parameters and kept tensors belong to no scope.
 */
export class Scope {
  /** The tape that records while this scope is the innermost one. */
  readonly tape: Tape | null;
  readonly parent: Scope | null = innermost;
  /** Where operations may put off their work until it is read: the blocks that wait. Null outside of `withFusion`, and under a tape. */
  readonly deferred: Set<Storage> | null;
  readonly #owned = new Set<Tensor>();
  #open = true;

  /** `recording: false` shuts out the surrounding tape: what `predict` runs leaves no record. */
  constructor(
    options: { recording?: boolean | undefined; tape?: Tape | undefined; deferred?: Set<Storage> | undefined } = {},
  ) {
    this.tape = options.tape ?? (options.recording === false ? null : (this.parent?.tape ?? null));
    this.deferred = options.deferred ?? (this.tape === null ? (this.parent?.deferred ?? null) : null);
    innermost = this;
  }

  get open(): boolean {
    return this.#open;
  }

  adopt(tensor: Tensor): void {
    this.#owned.add(tensor);
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

  #finish(): void {
    this.#open = false;
    for (const tensor of this.#owned) tensor.dispose();
    this.#owned.clear();
  }
}

/**
 * Runs `fn` and releases every tensor that it made, but for those it returns (a tensor, or an array or record of them).
 * Inside an open tape nothing is released early, since the backward pass may need it.
 *
 * @example
 * const probabilities = scope(() => softmax(model.forward(x)));
 */
export function scope<T>(fn: () => T): T {
  return runScope(new Scope(), fn);
}

/** Like `scope`, but a surrounding tape records nothing of it. */
export function withoutTape<T>(fn: () => T): T {
  return runScope(new Scope({ recording: false }), fn);
}

/**
 * Like `withoutTape`, but a convolution waits until its numbers are read, so that a batch norm or rectifier which comes first joins it.
 * What outlives `fn` is computed at its end.
 */
export function withFusion<T>(fn: () => T): T {
  const deferred = new Set<Storage>();
  try {
    return runScope(new Scope({ recording: false, deferred }), fn);
  } finally {
    for (const storage of deferred) if (storage.deferred !== null) void storage.data;
  }
}

/** Runs `fn` so that what it makes belongs to no scope: parameters, buffers, optimiser state. */
export function withoutScope<T>(fn: () => T): T {
  const saved = innermost;
  innermost = null;
  try {
    return fn();
  } finally {
    innermost = saved;
  }
}

function runScope<T>(inner: Scope, fn: () => T): T {
  try {
    const result = fn();
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
