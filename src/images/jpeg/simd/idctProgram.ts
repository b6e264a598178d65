import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { I32 } from '../../../wasm/scalars.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { BLOCK_BYTES } from './layout.js';

type Rows = I32x4[];

/** Two factors, for the first and the second number of a pair. */
const factors = (first: number, second: number): I32x4 => I32x4.of((first & 0xffff) | (second << 16));

const LOW = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23];
const HIGH = LOW.map((byte) => byte + 8);

// Constants of the transform in units of 2^-13, as in own/idct.ts.
const [C0298, C0390, C0541, C0765, C0899, C1175] = [2446, 3196, 4433, 6270, 7373, 9633];
const [C1501, C1847, C1961, C2053, C2562, C3072] = [12299, 15137, 16069, 16819, 20995, 25172];

/** One pass over eight rows of numbers of 16 bits, column by column. Results are divided by 2^shift after `bias` is added. */
function pass(f: FunctionBuilder, x: Rows, shift: number, bias: number): Rows {
  const halves = [LOW, HIGH].map((half) => {
    const pair = (a: number, b: number): I32x4 => f.let(x[a].shuffleBytes(x[b], half));
    // 1. Even part.
    const [p04, p26] = [pair(0, 4), pair(2, 6)];
    const rounding = I32x4.of(bias);
    const even0 = f.let(p04.dot16(factors(8192, 8192)).add(rounding));
    const even1 = f.let(p04.dot16(factors(8192, -8192)).add(rounding));
    const even2 = f.let(p26.dot16(factors(C0541, C0541 - C1847)));
    const even3 = f.let(p26.dot16(factors(C0541 + C0765, C0541)));
    const a = [even0.add(even3), even1.add(even2), even1.sub(even2), even0.sub(even3)].map((v) => f.let(v));
    // 2. Odd part: x7 with x1, x5 with x3, and the sums z3 = x7 + x3, z4 = x5 + x1.
    const z = f.let(x[7].add16(x[3]));
    const z34 = f.let(z.shuffleBytes(f.let(x[5].add16(x[1])), half));
    const z3 = f.let(z34.dot16(factors(C1175 - C1961, C1175)));
    const z4 = f.let(z34.dot16(factors(C1175, C1175 - C0390)));
    const [p71, p53] = [pair(7, 1), pair(5, 3)];
    const b = [
      p71.dot16(factors(-C0899, C1501 - C0899)).add(z4),
      p53.dot16(factors(-C2562, C3072 - C2562)).add(z3),
      p53.dot16(factors(C2053 - C2562, -C2562)).add(z4),
      p71.dot16(factors(C0298 - C0899, -C0899)).add(z3),
    ].map((v) => f.let(v));
    // 3. Sums and differences.
    const rows: Rows = [];
    for (let k = 0; k < 4; k++) {
      rows[k] = f.let(a[k].add(b[k]).shrSigned(shift));
      rows[7 - k] = f.let(a[k].sub(b[k]).shrSigned(shift));
    }
    return rows;
  });
  return halves[0].map((low, k) => f.let(low.narrow(halves[1][k])));
}

/** Eight rows of eight numbers of 16 bits, rows and columns exchanged. */
function transpose(f: FunctionBuilder, x: Rows): Rows {
  // Three times, rows k and k + 4 are interleaved.
  let rows = x;
  for (let step = 0; step < 3; step++) {
    rows = [0, 1, 2, 3].flatMap((k) => [LOW, HIGH].map((half) => f.let(rows[k].shuffleBytes(rows[k + 4], half))));
  }
  return rows;
}

/**
 * idct: `count` blocks side by side become pixels, at `y` with `stride` bytes per row. Blocks that have the first coefficient alone are of one value.
 *
 * Numerics: as own/idct.ts, with products of 16 bits summed in 32.
 */
export function defineIdct(module: ModuleBuilder): void {
  const parameters = { y: 'i32', stride: 'i32', coefficients: 'i32', hasAc: 'i32', count: 'i32' } as const;
  module.func('idct', parameters, (f, { y, stride, coefficients, hasAc, count }) => {
    f.loop(0, count, 1, (i) => {
      const from = f.let(coefficients.add(i.mul(BLOCK_BYTES)));
      const to = f.let(y.add(i.mul(8)));
      f.if(
        I32.load(hasAc.add(i.mul(4))),
        () => {
          const rows = Array.from({ length: 8 }, (_, k) => f.let(F32x4.load(from, 16 * k).bits()));
          const columns = pass(f, rows, 11, 1 << 10);
          const pixels = transpose(f, pass(f, transpose(f, columns), 18, (1 << 17) + (128 << 18)));
          for (let k = 0; k < 8; k += 2) {
            const two = f.let(pixels[k].narrowToBytes(pixels[k + 1]).asF32x4());
            f.storeTwo(to, two, 0);
            to.set(to.add(stride));
            f.storeTwo(to, two, 1);
            to.set(to.add(stride));
          }
        },
        () => {
          const first = f.let(I32.load(from).shl(16).shrSigned(16));
          const value = f.let(first.mul(4).add(16).shrSigned(5).add(128));
          const wide = f.let(I32x4.of(value));
          const words = f.let(wide.narrow(wide));
          const bytes = f.let(words.narrowToBytes(words).asF32x4());
          for (let k = 0; k < 8; k++) {
            f.storeTwo(to, bytes, 0);
            to.set(to.add(stride));
          }
        },
      );
    });
  });
}
