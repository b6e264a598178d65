import { ModuleBuilder } from '../../wasm/module.js';
import { I32 } from '../../wasm/scalars.js';
import { F32x4, I32x4 } from '../../wasm/vectors.js';
import { WEIGHT_BITS } from './taps.js';

/** Weights have 23 bits and a sign, products of 16 bits are summed in one instruction: so a weight is upper x 2^15 + lower. */
export const LOWER_BITS = 15;

/** Taps that one turn of the loop takes: an output pixel has a multiple of these, with zeros at the end. */
export const TAPS = 4;

/** Bytes that one turn writes of a row. */
export const ROW_BYTES = 16;

/** Memory that the program's module may use, in pages of 64 KiB. */
export const MAXIMUM_PAGES = 4096;

/** Zeros between the bytes of two pixels: first and second pixel side by side, color by color. Index 16 is a zero. */
function pairs(channels: number, first: number): number[] {
  return [0, 1, 2, 3].flatMap((c) => {
    const at = channels * first + c;
    return c < channels ? [at, 16, at + channels, 16] : [16, 16, 16, 16];
  });
}

const load = (pointer: I32, offset = 0): I32x4 => F32x4.load(pointer, offset).bits();
const splat = (pointer: I32, offset: number): I32x4 => F32x4.splat(pointer, offset).bits();

/** A sum of 32 bits as a number from 0 to 255, before it is cut off. */
function rounded(upper: I32x4, lower: I32x4): I32x4 {
  return upper.shl(LOWER_BITS).add(lower).shrSigned(WEIGHT_BITS);
}

/** y: `rows` rows of `width` pixels, whose taps are `table`: for each pixel the place of its first tap in a row, turns of the loop, and the place of its weights. */
function defineWidth(module: ModuleBuilder, channels: 3 | 4): void {
  const parameters = { y: 'i32', x: 'i32', table: 'i32', width: 'i32', rows: 'i32', rowBytes: 'i32' } as const;
  module.func(`width${channels}`, parameters, (f, { y, x, table, width, rows, rowBytes }) => {
    const zero = I32x4.of(0);
    const upper = f.variable('i32x4');
    const lower = f.variable('i32x4');
    f.loop(0, rows, 1, () => {
      f.loop(0, width, 1, (i) => {
        const entry = f.let(table.add(i.mul(12)));
        const from = f.let(x.add(I32.load(entry, 0)));
        const weights = f.let(I32.load(entry, 8));
        upper.set(zero);
        lower.set(I32x4.of(1 << (WEIGHT_BITS - 1)));
        f.loop(0, I32.load(entry, 4), 1, () => {
          // 1. Four pixels, two at a time.
          const pixels = f.let(load(from));
          for (const pair of [0, 1]) {
            const bytes = f.let(pixels.shuffleBytes(zero, pairs(channels, 2 * pair)));
            // 2. Times the upper and the lower parts of their weights.
            upper.set(upper.add(bytes.dot16(splat(weights, 8 * pair))));
            lower.set(lower.add(bytes.dot16(splat(weights, 8 * pair + 4))));
          }
          from.set(from.add(TAPS * channels));
          weights.set(weights.add(16));
        });
        // 3. Four bytes: with three colors, the next pixel overwrites the last.
        const sums = f.let(rounded(upper, lower));
        const words = f.let(sums.narrow(sums));
        f.storeLane(y, words.narrowToBytes(words).asF32x4(), 0);
        y.set(y.add(channels));
      });
      x.set(x.add(rowBytes));
    });
  });
}

/** y: one row of ROW_BYTES * `blocks` bytes, of 2 * `turns` rows from x on, `rowBytes` apart. */
function defineHeight(module: ModuleBuilder): void {
  const parameters = { y: 'i32', x: 'i32', weights: 'i32', turns: 'i32', blocks: 'i32', rowBytes: 'i32' } as const;
  module.func('height', parameters, (f, { y, x, weights, turns, blocks, rowBytes }) => {
    const upper = Array.from({ length: 4 }, () => f.variable('i32x4'));
    const lower = Array.from({ length: 4 }, () => f.variable('i32x4'));
    f.loop(0, blocks, 1, (block) => {
      const from = f.let(x.add(block.mul(ROW_BYTES)));
      const weight = f.let(weights.add(0));
      for (const sum of upper) sum.set(I32x4.of(0));
      for (const sum of lower) sum.set(I32x4.of(1 << (WEIGHT_BITS - 1)));
      f.loop(0, turns, 1, () => {
        // 1. Sixteen bytes of two rows, byte beside byte.
        const above = f.let(load(from));
        const below = f.let(load(from.add(rowBytes)));
        for (const half of [0, 1] as const) {
          const both = f.let(above.shuffleBytes(below, interleaved(8 * half)));
          for (const quarter of [0, 1] as const) {
            const bytes = f.let(both.extendBytes(quarter));
            const k = 2 * half + quarter;
            // 2. Times the upper and the lower parts of their weights.
            upper[k].set(upper[k].add(bytes.dot16(splat(weight, 0))));
            lower[k].set(lower[k].add(bytes.dot16(splat(weight, 4))));
          }
        }
        from.set(from.add(rowBytes.mul(2)));
        weight.set(weight.add(8));
      });
      // 3. Sixteen bytes.
      const sums = upper.map((sum, k) => f.let(rounded(sum, lower[k])));
      f.store(y.add(block.mul(ROW_BYTES)), sums[0].narrow(sums[1]).narrowToBytes(sums[2].narrow(sums[3])));
    });
  });
}

function interleaved(first: number): number[] {
  return Array.from({ length: 8 }, (_, i) => [first + i, 16 + first + i]).flat();
}

/** The module of `resizeImage`: width3, width4 and height. */
export function resizeProgram(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ fma: false, shared: false, maximumPages: MAXIMUM_PAGES, silent: true });
  defineWidth(module, 3);
  defineWidth(module, 4);
  defineHeight(module);
  return module.bytes();
}
