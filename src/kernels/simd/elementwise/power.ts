import type { FunctionBuilder } from '../../../wasm/function.js';
import { F32x4, F64x2, I32x4 } from '../../../wasm/vectors.js';
import { logarithmParts } from './math.js';
import { highToF64x2 } from './rows.js';

/** log2(z) = s (c[0] + c[1] s^2 + ...) with s = (z - 1) / (z + 1): the series of the inverse hyperbolic tangent. */
const LOG2 = Array.from({ length: 8 }, (_, k) => 2 / Math.LN2 / (2 * k + 1));
/** 2^r = c[0] + c[1] r + ..., |r| <= 1/2: the exponential series. */
const EXP2 = Array.from({ length: 11 }, (_, k) => {
  let c = 1;
  for (let i = 1; i <= k; i++) c *= Math.LN2 / i;
  return c;
});
/** 1.5 * 2^52: added to a small double it leaves the nearest whole number in the low bits. */
const ROUNDER = 1.5 * 2 ** 52;

function polynomial(x: F64x2, c: readonly number[]): F64x2 {
  let sum = F64x2.of(c[c.length - 1]);
  for (let k = c.length - 2; k >= 0; k--) sum = sum.mul(x).add(F64x2.of(c[k]));
  return sum;
}

/** 2^(b (n + log2(1 + m))) in doubles. */
function powerOfParts(f: FunctionBuilder, n: F64x2, m: F64x2, b: F64x2): F64x2 {
  // (1) the logarithm
  const s = f.let(m.div(m.add(F64x2.of(2))));
  const square = f.let(s.mul(s));
  const product = b.mul(n.add(s.mul(polynomial(square, LOG2))));
  // (2) its product with b as a whole number and a rest; beyond 200 float32 ends anyway
  const t = f.let(product.pmin(F64x2.of(200)).pmax(F64x2.of(-200)));
  const rounded = f.let(t.add(F64x2.of(ROUNDER)));
  const rest = f.let(t.sub(rounded.sub(F64x2.of(ROUNDER))));
  // (3) 2^rest, and the whole number into the exponent, which is in the upper half of a double
  const exponent = f.let(rounded.bits().add(I32x4.of(1023)).shl(20).asF32x4());
  const scale = exponent.shuffle(F32x4.of(0), 4, 0, 4, 2).bits().asF64x2();
  return polynomial(rest, EXP2).mul(scale);
}

/**
 * a^b as JavaScript has it: 2^(b log2 |a|) in doubles, since b enlarges the error of the logarithm; then the cases.
 *
 * Numerics: within 0.501 ulp. x^0 = 1 for every x, 1^infinity = NaN, a negative a needs a whole b, an odd one keeps its sign.
 */
export function power(f: FunctionBuilder, a: F32x4, b: F32x4): F32x4 {
  const infinity = F32x4.of(Number.POSITIVE_INFINITY);
  // (1) |a| = 2^n (1 + m); the logarithms of 0, infinity and NaN go through n
  const size = f.let(a.abs());
  const finite = f.let(size.lt(infinity));
  const { n, m } = logarithmParts(f, size);
  n.set(finite.select(n, size));
  n.set(a.eq(F32x4.of(0)).select(F32x4.of(Number.NEGATIVE_INFINITY), n));
  // (2) two lanes at a time
  const low = powerOfParts(f, n.lowToF64x2(), f.let(m.lowToF64x2()), b.lowToF64x2()).toF32x4();
  const high = powerOfParts(f, highToF64x2(n), f.let(highToF64x2(m)), highToF64x2(b)).toF32x4();
  const y = f.let(low.shuffle(high, 0, 1, 4, 5));
  // (3) the sign of a for odd b, and no value for negative a when b is not whole
  const half = f.let(b.mul(F32x4.of(0.5)));
  const whole = f.let(b.floor().eq(b));
  const odd = half.floor().ne(half).and(whole);
  const sign = a.bits().and(I32x4.of(0x80000000 | 0));
  y.set(y.bits().or(odd.and(sign)).asF32x4());
  const lost = a.lt(F32x4.of(0)).and(finite).and(whole.not());
  y.set(lost.select(F32x4.of(Number.NaN), y));
  return f.let(b.eq(F32x4.of(0)).select(F32x4.of(1), y));
}
