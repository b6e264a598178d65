import type { Floats } from '../../../memory/memory.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { F64, I32 } from '../../../wasm/scalars.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';

/** Four floats of a walk over a part of a tensor, whose neighbors belong to others. */
export interface Step {
  /** Their byte offset from each pointer. */
  offset: number;
  /** Which of the unrolled steps this is: a sum has an accumulator for each. */
  lane: number;
  /** How many of the four belong to the walk, 1 to 3 in its last step; null for all. */
  left: I32 | null;
}

/**
 * Steps over `n` floats behind each of `pointers`, which it moves, `unroll` vectors at a time, then one, then what is left.
 * The last step may read past the end, but must not write there: `storeStep`.
 */
export function forEachStep(
  f: FunctionBuilder,
  n: I32,
  pointers: readonly Variable<'i32'>[],
  unroll: number,
  body: (step: Step) => void,
): void {
  const left = f.let(n);
  for (const vectors of unroll > 1 ? [unroll, 1] : [1]) {
    f.while(
      () => left.ge(4 * vectors),
      () => {
        for (let lane = 0; lane < vectors; lane++) body({ offset: 16 * lane, lane, left: null });
        for (const p of pointers) p.set(p.add(16 * vectors));
        left.set(left.sub(4 * vectors));
      },
    );
  }
  f.if(left.gt(0), () => body({ offset: 0, lane: 0, left }));
}

/** `value` in the lanes that belong to the step, 0 in the others. */
export function maskStep(value: F32x4, { left }: Step): F32x4 {
  return left === null
    ? value
    : I32x4.of(left)
        .gt(I32x4.lanes(0, 1, 2, 3))
        .mask(value);
}

/** Writes the lanes that belong to the step. */
export function storeStep(f: FunctionBuilder, pointer: I32, value: F32x4, { offset, left }: Step): void {
  if (left === null) f.store(pointer, value, offset);
  else storeLanes(f, pointer, value, left);
}

/** Writes the first `count` lanes, 1 to 3. */
export function storeLanes(f: FunctionBuilder, pointer: I32, value: F32x4, count: I32): void {
  const v = f.let(value);
  f.if(
    count.and(2),
    () => {
      f.storeTwo(pointer, v, 0);
      f.if(count.and(1), () => f.storeLane(pointer, v, 2, 8));
    },
    () => f.storeLane(pointer, v, 0),
  );
}

/** The sum of all lanes of two to the power of k accumulators, in a fixed order: the last two additions in doubles. */
export function total(f: FunctionBuilder, accumulators: readonly F32x4[]): F64 {
  let sums = [...accumulators];
  while (sums.length > 1) {
    sums = Array.from({ length: sums.length / 2 }, (_, i) => sums[2 * i].add(sums[2 * i + 1]));
  }
  const sum = f.let(sums[0]);
  const pairs = f.let(sum.lowToF64x2().add(sum.shuffle(sum, 2, 3, 2, 3).lowToF64x2()));
  return pairs.lane(0).add(pairs.lane(1));
}

/** New accumulators; `clear` them before each sum, for a variable is zero only when its function is entered. */
export function accumulators(f: FunctionBuilder, count = 4): Variable<'f32x4'>[] {
  return Array.from({ length: count }, () => f.let(F32x4.of(0)));
}

export function clear(variables: readonly Variable<'f32x4'>[]): void {
  for (const v of variables) v.set(F32x4.of(0));
}

/** How many units of `size` floats one chunk of work holds at least: a fork-join costs as much as some 16 Ki floats. */
export function grainOf(size: number): number {
  return Math.max(1, Math.ceil(16384 / Math.max(1, size)));
}

/** The byte offset of an array in the heap; 0 stands for none, for no block begins there. */
export function pointerTo(floats: Floats | null): number {
  return floats === null ? 0 : floats.byteOffset;
}
