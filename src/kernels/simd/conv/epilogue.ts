import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { FusedActivation } from '../../contracts/convolution.js';
import { pointerTo } from '../elementwise/steps.js';
import type { Tile } from '../gemm/tile.js';

/**
 * What a convolution does to a finished sum before it writes it: activation(scale[o] * sum + shift[o] + residual). A pointer of 0 stands for
 * a scale of 1 or a shift of 0. `residual` is how many bytes behind each output the number to be added lies, 0 for none. The activation is
 * v cut to low and high, or with a `gate` times that: min(max(v + 3, 0), 6) / 6, of which hard-swish has v times. So batch norm, bias,
 * residual and activation cost no pass of their own.
 */
export const epilogue = { scale: 'i32', shift: 'i32', residual: 'i32', low: 'f32', high: 'f32', gate: 'i32' } as const;

export type Epilogue = { [K in keyof typeof epilogue]: Variable<(typeof epilogue)[K]> };

export type EpilogueValues = Values<typeof epilogue>;

/** Sums are written as they are. */
export const NO_EPILOGUE: EpilogueValues = {
  scale: 0,
  shift: 0,
  residual: 0,
  low: -Infinity,
  high: Infinity,
  gate: 0,
};

/** What a bias alone does. */
export function biasEpilogue(b: Floats | null): EpilogueValues {
  return { ...NO_EPILOGUE, shift: pointerTo(b) };
}

/** Hard-sigmoid, and hard-swish. */
const GATE = { sigmoid: 1, swish: 2 } as const;

export function epilogueValues(
  y: Floats,
  scale: Floats | null,
  shift: Floats | null,
  residual: Floats | null,
  activation: FusedActivation,
): EpilogueValues {
  return {
    scale: pointerTo(scale),
    shift: pointerTo(shift),
    residual: residual === null ? 0 : residual.byteOffset - y.byteOffset,
    low: activation === 'relu' || activation === 'relu6' ? 0 : -Infinity,
    high: activation === 'relu6' ? 6 : Infinity,
    gate: activation === 'hardSwish' ? GATE.swish : activation === 'hardSigmoid' ? GATE.sigmoid : 0,
  };
}

/** Activations that the loops don't have: a pass over the finished sums applies them. */
export function isSeparate(activation: FusedActivation): activation is 'silu' | 'sigmoid' {
  return activation === 'silu' || activation === 'sigmoid';
}

/** Finishes rows of neighboring vectors in place; the first vector of row i goes to `targets[i]`. */
export type Finish = (rows: readonly (readonly Variable<'f32x4'>[])[], targets: readonly I32[]) => void;

/** How sums of channel `channel` are finished: the numbers of the channel are loaded here, once for all of them. */
export function emitEpilogue(f: FunctionBuilder, p: Epilogue, channel: I32): Finish {
  const at = f.let(channel.shl(2));
  const scale = f.let(F32x4.of(1));
  const shift = f.let(F32x4.of(0));
  f.if(p.scale.ne(0), () => scale.set(F32x4.splat(p.scale.add(at))));
  f.if(p.shift.ne(0), () => shift.set(F32x4.splat(p.shift.add(at))));
  const low = f.let(F32x4.of(p.low));
  const high = f.let(F32x4.of(p.high));
  return (rows, targets) => {
    const all = rows.flat();
    for (const sum of all) sum.set(f.fma(sum, scale, shift));
    f.if(p.residual.or(p.gate).ne(0), () => {
      f.if(p.residual.ne(0), () => {
        for (const [i, row] of rows.entries()) {
          const from = f.let(targets[i].add(p.residual));
          for (const [v, sum] of row.entries()) sum.set(sum.add(F32x4.load(from, 16 * v)));
        }
      });
      emitGate(f, p, all);
    });
    // pmax and pmin keep a NaN on their left.
    for (const sum of all) sum.set(sum.pmax(low).pmin(high));
  };
}

/** The same for one sum at a time. */
export function emitEpilogueOfOne(f: FunctionBuilder, p: Epilogue, channel: I32): (sum: F32x4, to: I32) => F32x4 {
  const finish = emitEpilogue(f, p, channel);
  return (sum, to) => {
    const v = f.let(sum);
    finish([[v]], [to]);
    return v;
  };
}

/** Finishes a tile in place: row r belongs to channel `channel` + r and goes to `to` + r `stride`. */
export function emitTileEpilogue(
  f: FunctionBuilder,
  p: Epilogue,
  channel: I32,
  sums: Tile,
  to: I32,
  stride: I32,
): void {
  const at = f.let(channel.shl(2));
  const scale = f.let(p.scale.add(at));
  const shift = f.let(p.shift.add(at));
  const forRows = (change: (sum: Variable<'f32x4'>, r: number, half: number) => void): void => {
    for (const [r, row] of sums.entries()) for (const [half, sum] of row.entries()) change(sum, r, half);
  };
  f.if(p.scale.ne(0), () => forRows((sum, r) => sum.set(sum.mul(F32x4.splat(scale, 4 * r)))));
  f.if(p.shift.ne(0), () => forRows((sum, r) => sum.set(sum.add(F32x4.splat(shift, 4 * r)))));
  f.if(p.residual.ne(0), () => {
    const from = f.let(to.add(p.residual));
    for (const row of sums) {
      for (const [half, sum] of row.entries()) sum.set(sum.add(F32x4.load(from, 16 * half)));
      from.set(from.add(stride));
    }
  });
  emitGate(f, p, sums.flat());
  f.if(p.low.gt(-Infinity), () => {
    const low = f.let(F32x4.of(p.low));
    const high = f.let(F32x4.of(p.high));
    forRows((sum) => sum.set(sum.pmax(low).pmin(high)));
  });
}

/** v = gate(v), or v * gate(v), with gate(v) = min(max(v + 3, 0), 6) / 6. */
function emitGate(f: FunctionBuilder, p: Epilogue, values: readonly Variable<'f32x4'>[]): void {
  const gate = (v: F32x4): F32x4 => v.add(F32x4.of(3)).pmax(F32x4.of(0)).pmin(F32x4.of(6));
  const sixth = F32x4.of(1 / 6);
  f.if(p.gate.eq(GATE.swish), () => {
    for (const v of values) v.set(v.mul(gate(v)).mul(sixth));
  });
  f.if(p.gate.eq(GATE.sigmoid), () => {
    for (const v of values) v.set(gate(v).mul(sixth));
  });
}
