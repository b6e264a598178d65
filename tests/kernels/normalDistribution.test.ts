import { describe, expect, test } from 'vitest';
import { normalCdf, normalDensity } from '../../src/kernels/normalDistribution.js';

describe('the normal distribution', () => {
  // Forty digits of an arbitrary-precision library, rounded.
  const known: [number, number][] = [
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
    [2.5, 0.9937903346742238],
    [3, 0.9986501019683699],
    [-1, 0.15865525393145705],
    [-2.4, 0.008197535924596131],
    [-3, 0.0013498980316300946],
    [-5, 2.866515718791939e-7],
    [-8, 6.220960574271784e-16],
  ];

  test.each(known)('Phi(%f) is right to 5e-16, and in the left tail to 1e-13 of itself', (x, expected) => {
    expect(Math.abs(normalCdf(x) - expected)).toBeLessThanOrEqual(Math.min(5e-16, 1e-13 * expected));
  });

  test('Phi(x) + Phi(-x) = 1, across the border of series and fraction', () => {
    for (let x = 0; x < 10; x += 1 / 64) expect(Math.abs(normalCdf(x) + normalCdf(-x) - 1)).toBeLessThan(1e-15);
  });

  test('Phi ends at 0 and 1, and NaN stays NaN', () => {
    expect(normalCdf(-40)).toBe(0);
    expect(normalCdf(40)).toBe(1);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });

  test('the density is the slope of Phi', () => {
    for (const x of [-4, -1.5, 0, 0.3, 2.4]) {
      expect(Math.abs((normalCdf(x + 1e-5) - normalCdf(x - 1e-5)) / 2e-5 - normalDensity(x))).toBeLessThan(1e-10);
    }
  });
});
