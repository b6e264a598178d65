import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { F64, I32 } from '../../../wasm/scalars.js';
import { F32x4, F64x2, I32x4 } from '../../../wasm/vectors.js';

/**
 * Calls `body` for every whole vector of a row of `floats`, `unroll` of them a turn, and then once for the one to three
 * floats that remain. A vector lies at byte `at` + `offset` of its row; `rest` is null, or how many of its lanes belong to
 * the row. Loading all four is safe even then: every block of the heap has slack behind it.
 */
export function emitVectors(
  f: FunctionBuilder,
  floats: I32,
  body: (at: I32, offset: number, rest: I32 | null) => void,
  unroll = 1,
): void {
  const at = f.i32(0);
  if (unroll > 1) {
    const blocks = f.let(floats.and(-4 * unroll).shl(2));
    f.while(
      () => at.lt(blocks),
      () => {
        for (let u = 0; u < unroll; u++) body(at, 16 * u, null);
        at.set(at.add(16 * unroll));
      },
    );
  }
  const whole = f.let(floats.and(-4).shl(2));
  f.while(
    () => at.lt(whole),
    () => {
      body(at, 0, null);
      at.set(at.add(16));
    },
  );
  const rest = f.let(floats.and(3));
  f.if(rest, () => body(at, 0, rest));
}

/** Writes a vector, or its first `rest` lanes (1 to 3). */
export function storeSome(f: FunctionBuilder, pointer: I32, value: F32x4, offset: number, rest: I32 | null): void {
  if (rest === null) {
    f.store(pointer, value, offset);
    return;
  }
  const v = f.let(value);
  f.if(
    rest.and(2),
    () => {
      f.storeTwo(pointer, v, 0, offset);
      f.if(rest.and(1), () => f.storeLane(pointer, v, 2, offset + 8));
    },
    () => f.storeLane(pointer, v, 0, offset),
  );
}

/** A mask of the first `rest` lanes. */
export function firstLanes(rest: I32): I32x4 {
  return I32x4.of(rest).gt(I32x4.lanes(0, 1, 2, 3));
}

/** The vector with `other` in the lanes that do not belong to the row. */
export function onlyRow(value: F32x4, other: number, rest: I32 | null): F32x4 {
  return rest === null ? value : firstLanes(rest).select(value, F32x4.of(other));
}

/** Lanes 2 and 3 as doubles. */
export function highToF64x2(value: F32x4): F64x2 {
  return value.shuffle(value, 2, 3, 2, 3).lowToF64x2();
}

/** Four sums in doubles, one a lane: what long sums of floats are accumulated in. */
export class DoubleSums {
  readonly low: Variable<'f64x2'>;
  readonly high: Variable<'f64x2'>;

  constructor(readonly f: FunctionBuilder) {
    this.low = f.variable('f64x2');
    this.high = f.variable('f64x2');
    this.reset();
  }

  reset(): void {
    this.low.set(F64x2.of(0));
    this.high.set(F64x2.of(0));
  }

  /** Adds each lane of a vector, which is used twice: pass a variable. */
  add(value: F32x4): void {
    this.low.set(this.low.add(value.lowToF64x2()));
    this.high.set(this.high.add(highToF64x2(value)));
  }

  /** Adds the exact products of the lanes. */
  addProduct(a: F32x4, b: F32x4): void {
    this.low.set(this.low.add(a.lowToF64x2().mul(b.lowToF64x2())));
    this.high.set(this.high.add(highToF64x2(a).mul(highToF64x2(b))));
  }

  merge(other: DoubleSums): void {
    this.low.set(this.low.add(other.low));
    this.high.set(this.high.add(other.high));
  }

  lane(i: number): F64 {
    return (i < 2 ? this.low : this.high).lane(i & 1);
  }

  /** The sum of all four. */
  total(): F64 {
    const pair = this.f.let(this.low.add(this.high));
    return pair.lane(0).add(pair.lane(1));
  }

  /** The four sums as floats. */
  toF32x4(): F32x4 {
    return this.low.toF32x4().shuffle(this.high.toF32x4(), 0, 1, 4, 5);
  }
}

/** The largest lane; NaN lanes must not be there. */
export function largestLane(f: FunctionBuilder, value: F32x4): F32x4 {
  const pairs = f.let(value.pmax(value.shuffle(value, 2, 3, 0, 1)));
  return pairs.pmax(pairs.shuffle(pairs, 1, 0, 3, 2));
}
