import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';

/** c[0] + c[1] x + c[2] x^2 + ... by Horner's rule. */
export function polynomial(f: FunctionBuilder, x: F32x4, c: readonly number[]): F32x4 {
  let sum = F32x4.of(c[c.length - 1]);
  for (let k = c.length - 2; k >= 0; k--) sum = f.fma(sum, x, F32x4.of(c[k]));
  return f.let(sum);
}

const LOG2_E = Math.LOG2E;
/** ln 2 in two parts: the first has 9 bits, so that its product with a whole number is exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444e-4;
/** (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2 */
const EXP = [0.50000001201, 0.16666665459, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4];

/** A float added to this is rounded to a whole number, which stands in the lowest bits of the sum. */
const ROUNDING = 1.5 * 2 ** 23;
const ROUNDING_BITS = 0x4b400000;

/** x = n ln 2 + r with a whole n, exact for |n| < 2^21: n, and exp(r) - 1. `rest` is a small number to be added to x. */
function reduced(f: FunctionBuilder, x: F32x4, rest?: F32x4): { n: I32x4; growth: F32x4 } {
  const rounded = f.let(f.fma(x, F32x4.of(LOG2_E), F32x4.of(ROUNDING)));
  const n = f.let(rounded.sub(F32x4.of(ROUNDING)));
  const r = f.let(f.fnma(n, F32x4.of(LN2_LOW), f.fnma(n, F32x4.of(LN2_HIGH), x)));
  if (rest !== undefined) r.set(r.add(rest));
  const p = polynomial(f, r, EXP);
  return { n: f.let(rounded.bits().sub(I32x4.of(ROUNDING_BITS))), growth: f.let(f.fma(r.mul(r), p, r)) };
}

/** 2^n for whole n from -126 to 127. */
function powerOfTwo(n: I32x4): F32x4 {
  return n.add(I32x4.of(127)).shl(23).asF32x4();
}

/**
 * exp(x), or exp(x + rest) for a small `rest` that would be lost in the sum.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, exp(r) as a polynomial of degree 7, times 2^n in two halves, so that results
 * below the smallest normal number round as they should.
 *
 * Numerics: within 1.1 ulp; exp(-104) and below is 0, exp(88.73) and above infinity, NaN stays NaN.
 * Source: Cephes library (Moshier 1992), expf.
 */
export function exp(f: FunctionBuilder, x: F32x4, rest?: F32x4): F32x4 {
  const inRange = f.let(x.pmin(F32x4.of(89)).pmax(F32x4.of(-104)));
  const { n, growth } = reduced(f, inRange, rest);
  const half = f.let(n.shrSigned(1));
  const y = growth.add(F32x4.of(1)).mul(powerOfTwo(half));
  return f.let(y.mul(powerOfTwo(n.sub(half))));
}

/**
 * exp(x) - 1 for x <= 0, without cancellation next to 0: 2^n (exp(r) - 1) + (2^n - 1). Above 0 it is taken as 0.
 *
 * Numerics: within 1.5 ulp; NaN stays NaN.
 */
export function expm1OfNegative(f: FunctionBuilder, x: F32x4): F32x4 {
  const inRange = f.let(x.pmin(F32x4.of(0)).pmax(F32x4.of(-40)));
  const { n, growth } = reduced(f, inRange);
  const scale = f.let(powerOfTwo(n));
  return f.let(f.fma(scale, growth, scale.sub(F32x4.of(1))));
}

/** (log(1 + m) - m + m^2 / 2) / m^3 for 1 + m from sqrt(1/2) to sqrt(2) */
const LOG = [
  0.33333331174, -0.24999993993, 0.20000714765, -0.16668057665, 0.14249322787, -0.12420140846, 0.1167699874,
  -0.115146103, 7.0376836292e-2,
];
const SMALLEST_NORMAL = 2 ** -126;

/** x = 2^n (1 + m) with 1 + m from sqrt(1/2) to sqrt(2), for x > 0 and finite; n as a float. */
export function logarithmParts(f: FunctionBuilder, x: F32x4): { n: Variable<'f32x4'>; m: F32x4 } {
  // (1) numbers below the smallest normal one are first multiplied by 2^23
  const tiny = f.let(x.lt(F32x4.of(SMALLEST_NORMAL)));
  const bits = f.let(tiny.select(x.mul(F32x4.of(2 ** 23)), x).bits());
  // (2) the fraction between 1/2 and 1, and its exponent; then between sqrt(1/2) and sqrt(2)
  const fraction = bits.and(I32x4.of(0x007fffff)).or(I32x4.of(0x3f000000));
  const m = f.let(fraction.asF32x4());
  const below = f.let(m.lt(F32x4.of(Math.SQRT1_2)));
  const exponent = bits
    .shrSigned(23)
    .sub(I32x4.of(126))
    .add(below)
    .add(tiny.and(I32x4.of(-23)));
  m.set(m.sub(F32x4.of(1)).add(below.mask(m)));
  return { n: f.let(exponent.toF32x4()), m };
}

/**
 * log(x) = n ln 2 + log(1 + m), the latter as a polynomial of degree 11.
 *
 * Numerics: within 1 ulp; log(0) = -infinity, of negative numbers NaN, log(infinity) = infinity, NaN stays NaN.
 * Source: Cephes library (Moshier 1992), logf.
 */
export function log(f: FunctionBuilder, x: F32x4): F32x4 {
  const { n, m } = logarithmParts(f, x);
  // (1) the polynomial, smallest parts first
  const square = f.let(m.mul(m));
  const y = f.let(polynomial(f, m, LOG).mul(m).mul(square));
  y.set(f.fma(n, F32x4.of(LN2_LOW), y));
  y.set(f.fnma(F32x4.of(0.5), square, y));
  y.set(f.fma(n, F32x4.of(LN2_HIGH), m.add(y)));
  // (2) what is no logarithm: infinity and NaN give themselves, 0 and what lies below it their own
  y.set(x.lt(F32x4.of(Number.POSITIVE_INFINITY)).select(y, x));
  y.set(x.eq(F32x4.of(0)).select(F32x4.of(Number.NEGATIVE_INFINITY), y));
  return f.let(x.lt(F32x4.of(0)).select(F32x4.of(Number.NaN), y));
}

/**
 * sigmoid(x) = 1 / (1 + exp(-x)), and 1 - sigmoid(x) = sigmoid(-x) without cancellation.
 *
 * With e = exp(-|x|) one is 1 / (1 + e) and the other e / (1 + e), so that nothing overflows.
 *
 * Numerics: within 3 ulp each.
 */
export function sigmoid(f: FunctionBuilder, x: F32x4): F32x4 {
  const one = F32x4.of(1);
  const e = exp(f, x.abs().neg());
  // NaN in x is still one in e.
  return f.let(x.lt(F32x4.of(0)).select(e, one).div(one.add(e)));
}

export function sigmoidPair(f: FunctionBuilder, x: F32x4): { value: F32x4; complement: F32x4 } {
  const one = F32x4.of(1);
  const e = exp(f, x.abs().neg());
  const large = f.let(one.div(one.add(e)));
  const small = f.let(e.mul(large));
  const negative = f.let(x.lt(F32x4.of(0)));
  return { value: f.let(negative.select(small, large)), complement: f.let(negative.select(large, small)) };
}

/**
 * silu(x) = x / (1 + exp(-x)).
 *
 * As in `exp`, but for -x = n ln 2 - r, whose powers of r have the signs in turn, and with 2^n in one piece: 1 + exp(-x) needs no numbers below the
 * normal ones, and infinity beyond them makes the quotient 0.
 *
 * Numerics: within 3 ulp; 0 below -88.3, where it is nearer to 0 than 1e-36. NaN stays NaN.
 */
export function silu(f: FunctionBuilder, x: F32x4): F32x4 {
  const inRange = f.let(x.pmin(F32x4.of(87)).pmax(F32x4.of(-88.7)));
  const rounded = f.let(f.fnma(inRange, F32x4.of(LOG2_E), F32x4.of(ROUNDING)));
  const n = f.let(rounded.sub(F32x4.of(ROUNDING)));
  const r = f.let(f.fma(n, F32x4.of(LN2_LOW), f.fma(n, F32x4.of(LN2_HIGH), inRange)));
  const p = polynomial(
    f,
    r,
    EXP.map((c, k) => (k % 2 === 0 ? c : -c)),
  );
  const loss = f.let(f.fnma(r.mul(r), p, r));
  const power = f.let(
    rounded
      .bits()
      .sub(I32x4.of(ROUNDING_BITS - 127))
      .shl(23)
      .asF32x4(),
  );
  const one = F32x4.of(1);
  return f.let(x.div(f.fma(one.sub(loss), power, one)));
}

/** (tanh(x) - x) / x^3 in powers of x^2, for |x| < 0.625 */
const TANH = [-0.333332819422, 0.133314422036, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3];

/**
 * tanh(x): a polynomial for |x| < 0.625, else 1 - 2 / (exp(2 |x|) + 1) with the sign of x.
 *
 * Numerics: within 1.5 ulp; NaN stays NaN.
 * Source: Cephes library (Moshier 1992), tanhf.
 */
export function tanh(f: FunctionBuilder, x: F32x4): F32x4 {
  const size = f.let(x.abs());
  const square = f.let(x.mul(x));
  const near = f.let(f.fma(polynomial(f, square, TANH).mul(square), x, x));
  const one = F32x4.of(1);
  const far = f.let(one.sub(F32x4.of(2).div(exp(f, size.add(size)).add(one))));
  const sign = x.bits().and(I32x4.of(0x80000000 | 0));
  return f.let(size.lt(F32x4.of(0.625)).select(near, far).bits().or(sign).asF32x4());
}

const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
/** The Mills ratio times (t + 3) / sqrt(2 pi), in powers of (t - 3) / (t + 3), for 0 <= t <= 14.5 */
const MILLS = [
  0.72908372, -0.509332, 0.230016068, -0.0472622886, -0.0104463408, 6.969403e-3, 9.71034344e-4, -1.04574941e-3,
  -1.82759788e-4, 1.56770519e-4, 4.43639401e-5,
];

/**
 * For t >= 0 the density of the normal distribution exp(-t^2 / 2) / sqrt(2 pi), and its tail beyond t,
 * 1 - Phi(t) = erfc(t / sqrt 2) / 2.
 *
 * The tail is exp(-t^2 / 2) times the Mills ratio, which falls slowly: a polynomial of degree 10 in (t - 3) / (t + 3), over t + 3.
 * t^2 is rounded before exp enlarges its error by t^2 / 2, so its low part is computed and given to exp on the side.
 *
 * Numerics: within 4 ulp down to the smallest normal number (t = 13); NaN stays NaN.
 * Source: Shepherd and Laframboise 1981, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x" (Mathematics of Computation 36),
 * for the form; the coefficients are a least-maximum fit of relative error 2^-24.7.
 */
export function normalTail(f: FunctionBuilder, t: F32x4): { tail: F32x4; density: F32x4 } {
  // (1) t = high + low with 12 bits in high, so that high^2 is exact
  const near = f.let(t.pmin(F32x4.of(15)));
  const high = f.let(near.bits().and(I32x4.of(-4096)).asF32x4());
  const low = f.let(near.sub(high));
  const half = F32x4.of(-0.5);
  const e = exp(f, f.let(high.mul(high).mul(half)), f.let(low.mul(high.add(high).add(low)).mul(half)));
  // (2) the Mills ratio
  const three = F32x4.of(3);
  const inverse = f.let(F32x4.of(1).div(near.add(three)));
  const ratio = polynomial(f, f.let(near.sub(three).mul(inverse)), MILLS);
  return { tail: f.let(e.mul(ratio.mul(inverse))), density: f.let(e.mul(F32x4.of(INVERSE_SQRT_2PI))) };
}
