import type { ValueType } from '../../../wasm/expression.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32, type I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';

/** How a window slides, as parameters of a function. */
export const slidingParameters = {
  outHeight: 'i32',
  outWidth: 'i32',
  kernelHeight: 'i32',
  kernelWidth: 'i32',
  strideHeight: 'i32',
  strideWidth: 'i32',
  padTop: 'i32',
  padLeft: 'i32',
} as const satisfies Record<string, ValueType>;

/** The shape of a convolution as parameters of a function. */
export const windowParameters = {
  channels: 'i32',
  groupChannels: 'i32',
  height: 'i32',
  width: 'i32',
  outChannels: 'i32',
  groupOut: 'i32',
  ...slidingParameters,
  dilationHeight: 'i32',
  dilationWidth: 'i32',
  groups: 'i32',
} as const satisfies Record<string, ValueType>;

export type Window = { [K in keyof typeof windowParameters]: Variable<'i32'> };

/** Fills `bytes` (rounded up to 16) with zeros. */
export function emitZero(f: FunctionBuilder, to: I32, bytes: I32): void {
  const zero = f.let(F32x4.of(0));
  const start = f.let(to);
  f.loop(0, bytes, 16, (i) => f.store(start.add(i), zero));
}

/** Copies floats: vectors first, what is left one by one. */
export function emitCopy(f: FunctionBuilder, to: I32, from: I32, floats: I32): void {
  const source = f.let(from);
  const target = f.let(to);
  const whole = f.let(floats.shr(2).shl(4));
  f.loop(0, whole, 16, (i) => f.store(target.add(i), F32x4.load(source.add(i))));
  f.loop(whole, floats.shl(2), 4, (i) => f.store(target.add(i), F32.load(source.add(i))));
}

/**
 * Copies `count` rows of a plane from row `top` (counted from the first real row, so it may be negative) into a staging area, with zeros
 * around: afterwards no window needs a check of its bounds. Overruns a row's end by up to 12 bytes, so the area needs that much more.
 */
export function emitStageRows(
  f: FunctionBuilder,
  p: Window,
  plane: I32,
  top: I32,
  count: I32,
  stage: I32,
  rowBytes: I32,
): void {
  const to = f.let(stage);
  const left = f.let(p.padLeft.shl(2));
  f.loop(0, count, 1, (r) => {
    const h = f.let(top.add(r));
    f.if(
      h.lt(0).or(h.ge(p.height)),
      () => emitZero(f, to, rowBytes),
      () => {
        emitZero(f, to, left);
        const target = f.let(to.add(left));
        emitCopy(f, target, plane.add(h.mul(p.width).shl(2)), p.width);
        const end = f.let(target.add(p.width.shl(2)));
        emitZero(f, end, to.add(rowBytes).sub(end));
      },
    );
    to.set(to.add(rowBytes));
  });
}
