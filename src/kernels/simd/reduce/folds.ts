import type { FunctionBuilder } from '../../../wasm/function.js';
import { F32, F64, I32 } from '../../../wasm/scalars.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { DoubleSums, firstLanes, largestLane, onlyRow } from '../elementwise/rows.js';

/** What a fold needs to turn its result into one float of the output. */
export interface Finish {
  scale: F64;
  /** The gradient that is shared between the ties of this output. */
  dy: I32;
}

/** Four running results, one a lane. */
export interface Lanes<S> {
  reset(): void;
  /** Takes in a vector of x. */
  take(pointer: I32, offset: number): void;
  /** Takes in the first `rest` (1 to 3) floats at `pointer`. */
  takeSome(pointer: I32, rest: I32): void;
  merge(other: this): void;
  /** The result of one lane, or of all four together. */
  lane(i: number): S;
  total(): S;
}

/** How many numbers become one: their sum, the largest, or how many equal the largest. */
export interface Fold<S extends F64 | F32 | I32> {
  readonly name: string;
  /** Bytes of a partial result. */
  readonly partialBytes: 4 | 8;
  /** New lanes; `equal` is what elements are compared with, where the fold compares. */
  lanes(f: FunctionBuilder, equal: F32x4): Lanes<S>;
  load(pointer: I32): S;
  join(a: S, b: S): S;
  finish(value: S, p: Finish): F32;
}

class SumLanes implements Lanes<F64> {
  readonly #sums;

  constructor(readonly f: FunctionBuilder) {
    this.#sums = new DoubleSums(f);
  }
  reset(): void {
    this.#sums.reset();
  }
  take(pointer: I32, offset: number): void {
    // Loads of two floats, not four: the machine converts them to doubles on the way.
    const { low, high } = this.#sums;
    low.set(low.add(F32x4.loadTwo(pointer, offset).lowToF64x2()));
    high.set(high.add(F32x4.loadTwo(pointer, offset + 8).lowToF64x2()));
  }
  takeSome(pointer: I32, rest: I32): void {
    this.#sums.add(this.f.let(onlyRow(F32x4.load(pointer), 0, rest)));
  }
  merge(other: SumLanes): void {
    this.#sums.merge(other.#sums);
  }
  lane(i: number): F64 {
    return this.#sums.lane(i);
  }
  total(): F64 {
    return this.#sums.total();
  }
}

/** Sums in doubles, rounded once: the error is below u |sum| + count 2^-53 sum|x|. */
export const sumFold: Fold<F64> = {
  name: 'sum',
  partialBytes: 8,
  lanes: (f) => new SumLanes(f),
  load: (pointer) => F64.load(pointer),
  join: (a, b) => a.add(b),
  finish: (value, { scale }) => value.mul(scale).toF32(),
};

class MaxLanes implements Lanes<F32> {
  readonly #largest;
  readonly #nan;

  constructor(readonly f: FunctionBuilder) {
    this.#largest = f.variable('f32x4');
    this.#nan = f.variable('i32x4');
    this.reset();
  }
  reset(): void {
    this.#largest.set(F32x4.of(Number.NEGATIVE_INFINITY));
    this.#nan.set(I32x4.of(0));
  }
  take(pointer: I32, offset: number): void {
    this.#takeVector(F32x4.load(pointer, offset));
  }
  takeSome(pointer: I32, rest: I32): void {
    this.#takeVector(onlyRow(F32x4.load(pointer), Number.NEGATIVE_INFINITY, rest));
  }
  merge(other: MaxLanes): void {
    this.#largest.set(this.#largest.pmax(other.#largest));
    this.#nan.set(this.#nan.or(other.#nan));
  }
  lane(i: number): F32 {
    return this.#nan.select(F32x4.of(Number.NaN), this.#largest).lane(i);
  }
  total(): F32 {
    const { f } = this;
    const largest = f.let(largestLane(f, this.#largest));
    f.if(this.#nan.any(), () => largest.set(F32x4.of(Number.NaN)));
    return largest.lane(0);
  }

  /** NaNs are noted beside the maximum and stay out of it: cheaper than a maximum that keeps them. */
  #takeVector(value: F32x4): void {
    const v = this.f.let(value);
    this.#largest.set(this.#largest.pmax(v));
    this.#nan.set(this.#nan.or(v.ne(v)));
  }
}

/** The largest; NaN wins. */
export const maxFold: Fold<F32> = {
  name: 'max',
  partialBytes: 4,
  lanes: (f) => new MaxLanes(f),
  load: (pointer) => F32.load(pointer),
  join: (a, b) => a.max(b),
  finish: (value) => value,
};

class TieLanes implements Lanes<I32> {
  readonly #count;

  constructor(
    readonly f: FunctionBuilder,
    readonly equal: F32x4,
  ) {
    this.#count = f.variable('i32x4');
    this.reset();
  }
  reset(): void {
    this.#count.set(I32x4.of(0));
  }
  // A mask is -1 where it holds.
  take(pointer: I32, offset: number): void {
    this.#count.set(this.#count.sub(F32x4.load(pointer, offset).eq(this.equal)));
  }
  takeSome(pointer: I32, rest: I32): void {
    this.#count.set(this.#count.sub(F32x4.load(pointer).eq(this.equal).and(firstLanes(rest))));
  }
  merge(other: TieLanes): void {
    this.#count.set(this.#count.add(other.#count));
  }
  lane(i: number): I32 {
    return this.#count.lane(i);
  }
  total(): I32 {
    return [1, 2, 3].reduce((sum, i) => sum.add(this.lane(i)), this.lane(0));
  }
}

/** How many elements share the maximum; finished, the part of the gradient that each gets. */
export const tieFold: Fold<I32> = {
  name: 'ties',
  partialBytes: 4,
  lanes: (f, equal) => new TieLanes(f, equal),
  load: (pointer) => I32.load(pointer),
  join: (a, b) => a.add(b),
  finish: (value, { dy }) => F32.load(dy).div(value.toF32()),
};
