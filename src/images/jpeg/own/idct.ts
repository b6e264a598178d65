import type { Plane } from './planes.js';

// Constants of the transform in units of 2^-13.
const FIX_0_298631336 = 2446;
const FIX_0_390180644 = 3196;
const FIX_0_541196100 = 4433;
const FIX_0_765366865 = 6270;
const FIX_0_899976223 = 7373;
const FIX_1_175875602 = 9633;
const FIX_1_501321110 = 12299;
const FIX_1_847759065 = 15137;
const FIX_1_961570560 = 16069;
const FIX_2_053119869 = 16819;
const FIX_2_562915447 = 20995;
const FIX_3_072711026 = 25172;

/** Bits that the first pass keeps below the point. */
const PASS1_BITS = 2;
const CONST_BITS = 13;

/**
 * The pixels of a plane: coefficients times steps, transformed, 8 x 8 at a time.
 *
 * Numerics: whole numbers of 32 bits, columns first, as libjpeg's accurate transform (ISLOW): decoders that follow it agree to the last bit.
 *
 * Source: Loeffler, Ligtenberg and Moschytz 1989, "Practical fast 1-D DCT algorithms with 11 multiplications", as libjpeg arranges it.
 */
export function planePixels({ across, down, coefficients, steps }: Plane): Uint8ClampedArray {
  const stride = across * 8;
  const pixels = new Uint8ClampedArray(stride * down * 8);
  const quantum = steps ?? new Uint16Array(64);
  const work = new Int32Array(64);
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      const from = 64 * (row * across + column);
      for (let i = 0; i < 64; i++) work[i] = coefficients[from + i] * quantum[i];
      for (let i = 0; i < 8; i++) transform(work, i, 8, CONST_BITS - PASS1_BITS);
      const to = row * 8 * stride + column * 8;
      for (let i = 0; i < 8; i++) {
        transform(work, 8 * i, 1, CONST_BITS + PASS1_BITS + 3);
        for (let j = 0; j < 8; j++) pixels[to + i * stride + j] = work[8 * i + j] + 128;
      }
    }
  }
  return pixels;
}

/** Eight values, `step` apart, in place; the results are divided by 2^shift and rounded. */
function transform(x: Int32Array, at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1);
  const [i1, i2, i3, i4] = [at + step, at + 2 * step, at + 3 * step, at + 4 * step];
  const [i5, i6, i7] = [at + 5 * step, at + 6 * step, at + 7 * step];
  // 1. Even part.
  const z1 = Math.imul(x[i2] + x[i6], FIX_0_541196100);
  const even2 = z1 - Math.imul(x[i6], FIX_1_847759065);
  const even3 = z1 + Math.imul(x[i2], FIX_0_765366865);
  const even0 = (x[at] + x[i4]) << CONST_BITS;
  const even1 = (x[at] - x[i4]) << CONST_BITS;
  const a0 = even0 + even3;
  const a3 = even0 - even3;
  const a1 = even1 + even2;
  const a2 = even1 - even2;
  // 2. Odd part.
  const [o0, o1, o2, o3] = [x[i7], x[i5], x[i3], x[i1]];
  const z5 = Math.imul(o0 + o2 + o1 + o3, FIX_1_175875602);
  const y1 = -Math.imul(o0 + o3, FIX_0_899976223);
  const y2 = -Math.imul(o1 + o2, FIX_2_562915447);
  const y3 = z5 - Math.imul(o0 + o2, FIX_1_961570560);
  const y4 = z5 - Math.imul(o1 + o3, FIX_0_390180644);
  const b0 = Math.imul(o0, FIX_0_298631336) + y1 + y3;
  const b1 = Math.imul(o1, FIX_2_053119869) + y2 + y4;
  const b2 = Math.imul(o2, FIX_3_072711026) + y2 + y3;
  const b3 = Math.imul(o3, FIX_1_501321110) + y1 + y4;
  // 3. Sums and differences.
  x[at] = (a0 + b3 + half) >> shift;
  x[i7] = (a0 - b3 + half) >> shift;
  x[i1] = (a1 + b2 + half) >> shift;
  x[i6] = (a1 - b2 + half) >> shift;
  x[i2] = (a2 + b1 + half) >> shift;
  x[i5] = (a2 - b1 + half) >> shift;
  x[i3] = (a3 + b0 + half) >> shift;
  x[i4] = (a3 - b0 + half) >> shift;
}
