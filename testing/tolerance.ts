import { expect } from 'vitest';
import { type GradcheckInput, gradcheck } from '../src/debug/gradcheck.js';
import type { Tensor } from '../src/tensor/tensor.js';

/** Unit roundoff of float32. */
export const U = 2 ** -24;

/** The bound on the relative error of a sum of k products in float32: k u / (1 - k u) (Higham 2002, section 3.1). */
export function gamma(k: number): number {
  return (k * U) / (1 - k * U);
}

/** Asserts |a[i] - b[i]| <= bound for every i; `bound` is a number or a function of i. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: number | ((i: number) => number),
  what = 'value',
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i];
    const e = expected[i];
    if (Object.is(a, e) || a === e) continue;
    const limit = typeof bound === 'number' ? bound : bound(i);
    if (!(Math.abs(a - e) <= limit)) {
      expect.fail(`${what} [${i}] is ${a}, expected ${e}; they differ by ${Math.abs(a - e)}, more than ${limit}`);
    }
  }
}

/** Asserts closeness relative to the largest magnitude in `expected`: for values from another library. */
export function expectRelative(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  what = 'value',
): void {
  let largest = 1e-30;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  expectClose(actual, expected, relative * largest, what);
}

/** Asserts that the backward pass of `fn` agrees with central differences in float64. */
export function expectGradients(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly GradcheckInput[],
  tolerance = 1e-7,
): void {
  const { maxError, worst } = gradcheck(fn, inputs);
  expect(maxError, worst).toBeLessThan(tolerance);
}
