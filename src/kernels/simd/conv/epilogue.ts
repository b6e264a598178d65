import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { FusedActivation } from '../../contracts/convolution.js';
import { pointerTo } from '../elementwise/steps.js';

/**
 * What a convolution does to a finished sum before it writes it: min(max(scale[o] * sum + shift[o], low), high). A pointer of 0 stands for
 * a scale of 1 or a shift of 0, infinite bounds for no activation. So batch norm, bias and activation cost no pass of their own.
 */
export const epilogue = { scale: 'i32', shift: 'i32', low: 'f32', high: 'f32' } as const;

export type Epilogue = { [K in keyof typeof epilogue]: Variable<(typeof epilogue)[K]> };

export type EpilogueValues = Values<typeof epilogue>;

/** Sums are written as they are. */
export const NO_EPILOGUE: EpilogueValues = { scale: 0, shift: 0, low: -Infinity, high: Infinity };

export function epilogueValues(
  scale: Floats | null,
  shift: Floats | null,
  activation: FusedActivation = 0,
): EpilogueValues {
  const low = activation === 0 ? -Infinity : 0;
  return { scale: pointerTo(scale), shift: pointerTo(shift), low, high: activation === 2 ? 6 : Infinity };
}

/** Finishes sums of channel `channel`: the numbers of the channel are loaded here, once for all that it finishes. */
export function emitEpilogue(f: FunctionBuilder, p: Epilogue, channel: I32): (sum: F32x4) => F32x4 {
  const at = f.let(channel.shl(2));
  const scale = f.let(F32x4.of(1));
  const shift = f.let(F32x4.of(0));
  f.if(p.scale.ne(0), () => scale.set(F32x4.splat(p.scale.add(at))));
  f.if(p.shift.ne(0), () => shift.set(F32x4.splat(p.shift.add(at))));
  const low = f.let(F32x4.of(p.low));
  const high = f.let(F32x4.of(p.high));
  // pmax and pmin keep a NaN on their left.
  return (sum) => f.fma(sum, scale, shift).pmax(low).pmin(high);
}

/** Finishes a tile in place: row r belongs to channel `channel` + r. */
export function emitTileEpilogue(
  f: FunctionBuilder,
  p: Epilogue,
  channel: I32,
  sums: readonly (readonly Variable<'f32x4'>[])[],
): void {
  const at = f.let(channel.shl(2));
  const scale = f.let(p.scale.add(at));
  const shift = f.let(p.shift.add(at));
  const forRows = (change: (sum: Variable<'f32x4'>, r: number) => void): void => {
    for (const [r, row] of sums.entries()) for (const sum of row) change(sum, r);
  };
  f.if(p.scale.ne(0), () => forRows((sum, r) => sum.set(sum.mul(F32x4.splat(scale, 4 * r)))));
  f.if(p.shift.ne(0), () => forRows((sum, r) => sum.set(sum.add(F32x4.splat(shift, 4 * r)))));
  f.if(p.low.gt(-Infinity), () => {
    const low = f.let(F32x4.of(p.low));
    const high = f.let(F32x4.of(p.high));
    forRows((sum) => sum.set(sum.pmax(low).pmin(high)));
  });
}
