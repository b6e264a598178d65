const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);
/** From here outwards the continued fraction needs fewer terms than the series. */
const TAIL = 2.5;

/** The density of the standard normal distribution: exp(-x^2 / 2) / sqrt(2 pi). */
export function normalDensity(x: number): number {
  return INVERSE_SQRT_2PI * Math.exp(-0.5 * x * x);
}

/**
 * Phi(x), the probability that a standard normal number is below x; 0.5 (1 + erf(x / sqrt 2)).
 *
 * Near 0: Phi(x) = 1/2 + density(x) (x + x^3/3 + x^5/(3*5) + ...), whose terms have one sign, so nothing cancels.
 * In the tails: 1 - Phi(x) = density(x) / (x + 1/(x + 2/(x + 3/(x + ...)))).
 *
 * Numerics: absolute error below 5e-16 (checked against 50 digits); in the left tail the relative error is below
 * 1e-13.
 * Source: Marsaglia 2004, "Evaluating the Normal Distribution" (Journal of Statistical Software 11(4)), for the series;
 * Laplace 1805 for the fraction.
 */
export function normalCdf(x: number): number {
  if (x <= -TAIL) return tail(-x);
  if (x >= TAIL) return 1 - tail(x);
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}

/** 1 - Phi(x) for x >= TAIL, where 80 steps of the fraction settle every bit. */
function tail(x: number): number {
  let fraction = x;
  for (let k = 80; k >= 1; k--) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}
