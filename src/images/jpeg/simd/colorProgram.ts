import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';

const words = (value: number): I32x4 => I32x4.of((value & 0xffff) | (value << 16));
const loadWords = (pointer: I32, offset = 0): I32x4 => F32x4.loadTwo(pointer, offset).bits().extendBytes(0);
const LOW = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const HIGH = LOW.map((byte) => byte + 8);
const factors = (first: number, second: number): I32x4 => I32x4.of((first & 0xffff) | (second << 16));

/** Three times a number of 16 bits. */
const thrice = (x: I32x4): I32x4 => x.shl16(1).add16(x);

/** New pixels between those of a row: a quarter of the way to the left and to the right neighbor, each with its rounding. */
function between(
  f: FunctionBuilder,
  y: I32,
  left: I32x4,
  x: I32x4,
  right: I32x4,
  shift: number,
  even: number,
  odd: number,
): void {
  const three = f.let(thrice(x));
  const first = three.add16(left).add16(words(even)).shr16(shift);
  const second = three.add16(right).add16(words(odd)).shr16(shift);
  f.store(y, first.add16(second.shl16(8)));
}

/** double: a row of twice the width. double2: the same of a row that lies between `x` and `far`, nearer to `x`. Both read a byte before and after the row. */
function defineDouble(module: ModuleBuilder): void {
  module.func('double', { y: 'i32', x: 'i32', count: 'i32' }, (f, { y, x, count }) => {
    f.loop(0, count, 8, (i) => {
      const from = f.let(x.add(i));
      const at = (offset: number): I32x4 => f.let(loadWords(from.sub(1), 1 + offset));
      between(f, y.add(i.mul(2)), at(-1), at(0), at(1), 2, 1, 2);
    });
  });
  module.func('double2', { y: 'i32', x: 'i32', far: 'i32', count: 'i32' }, (f, { y, x, far, count }) => {
    f.loop(0, count, 8, (i) => {
      const from = f.let(x.add(i));
      const other = f.let(far.add(i));
      const at = (offset: number): I32x4 =>
        f.let(thrice(f.let(loadWords(from.sub(1), 1 + offset))).add16(loadWords(other.sub(1), 1 + offset)));
      between(f, y.add(i.mul(2)), at(-1), at(0), at(1), 4, 8, 7);
    });
  });
}

/** Bytes of two vectors, red and green in the first and blue in the second, pixel by pixel: the first 16, and the other 8. */
const PIXELS = Array.from(
  { length: 24 },
  (_, i) => [Math.floor(i / 3), 8 + Math.floor(i / 3), 16 + Math.floor(i / 3)][i % 3],
);
const LAST = [...PIXELS.slice(16), ...PIXELS.slice(0, 8)];

/**
 * rgb: `count` pixels of YCbCr become RGB, eight at a time. Writes up to 24 bytes beyond the last.
 *
 * Numerics: 1.402 = 1 + 26345 / 2^16 and so on, so that factors have 16 bits; rounded once, as in own/colors.ts.
 */
function defineRgb(module: ModuleBuilder): void {
  module.func('rgb', { y: 'i32', luma: 'i32', cb: 'i32', cr: 'i32', count: 'i32' }, (f, { y, luma, cb, cr, count }) => {
    const half = I32x4.of(1 << 15);
    f.loop(0, count, 8, (i) => {
      const l = f.let(loadWords(luma.add(i)));
      const b = f.let(loadWords(cb.add(i)).sub16(words(128)));
      const r = f.let(loadWords(cr.add(i)).sub16(words(128)));
      const [low, high] = [LOW, HIGH].map((part) => f.let(b.shuffleBytes(r, part)));
      const mixed = (ofCb: number, ofCr: number): I32x4 => {
        const [first, second] = [low, high].map((both) => both.dot16(factors(ofCb, ofCr)).add(half).shrSigned(16));
        return first.narrow(second);
      };
      const red = l.add16(r).add16(mixed(0, 91881 - 65536));
      const green = l.sub16(r).add16(mixed(-22554, 65536 - 46802));
      const blue = l
        .add16(b)
        .add16(b)
        .add16(mixed(116130 - 131072, 0));
      const redGreen = f.let(red.narrowToBytes(green));
      const blues = f.let(blue.narrowToBytes(I32x4.of(0)));
      f.store(y, redGreen.shuffleBytes(blues, PIXELS.slice(0, 16)));
      f.store(y, redGreen.shuffleBytes(blues, LAST), 16);
      y.set(y.add(24));
    });
  });
}

export function defineColors(module: ModuleBuilder): void {
  defineDouble(module);
  defineRgb(module);
}
