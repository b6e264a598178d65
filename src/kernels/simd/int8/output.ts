import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import type { Int8Range } from '../../contracts/quantized.js';

/** The bits of 1.5 * 2^23: see reference/int8/requantize.ts. */
const MAGIC_BITS = 0x4b400000;
const MAGIC = 12582912;

/** How numbers become bytes, as parameters of a function. */
export const output = { least: 'f32', most: 'f32', magic: 'i32' } as const;

export type Output = { [K in keyof typeof output]: Variable<(typeof output)[K]> };

export function outputValues({ zero, low, high }: Int8Range): { least: number; most: number; magic: number } {
  return { least: low - zero, most: high - zero, magic: MAGIC_BITS - zero };
}

/** Makes four numbers whole and adds the zero point, as int32. */
export function emitRounding(f: FunctionBuilder, p: Output): (v: F32x4) => I32x4 {
  const least = f.let(F32x4.of(p.least));
  const most = f.let(F32x4.of(p.most));
  const magic = f.let(I32x4.of(p.magic));
  // NaN becomes the least.
  return (v) => most.pmin(least.pmax(v)).add(F32x4.of(MAGIC)).bits().sub(magic);
}

/** Eight int32 as bytes, in the lower half of a vector. */
export function toBytes(f: FunctionBuilder, a: I32x4, b: I32x4): I32x4 {
  const shorts = f.let(a.narrow(b));
  return shorts.narrowToSignedBytes(shorts);
}

/** Writes the first `count` (1 to 8) of eight bytes. */
export function storeBytes(f: FunctionBuilder, to: I32, bytes: I32x4, count: I32): void {
  const value = f.let(bytes);
  f.if(
    count.ge(8),
    () => f.storeTwo(to, value.asF32x4(), 0),
    () => {
      const word = f.let(value.lane(0));
      const at = f.let(to);
      const left = f.let(count);
      f.if(left.ge(4), () => {
        f.store(at, word);
        at.set(at.add(4));
        left.set(left.sub(4));
        word.set(value.lane(1));
      });
      f.loop(0, left, 1, (i) => {
        f.storeByte(at.add(i), word);
        word.set(word.shr(8));
      });
    },
  );
}

/** Eight signed bytes as two vectors of int32. */
export function loadEight(f: FunctionBuilder, from: I32, offset = 0): [I32x4, I32x4] {
  const shorts = f.let(I32x4.loadBytes(from, offset));
  return [shorts.extendShorts(0), shorts.extendShorts(1)];
}
