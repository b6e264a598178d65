import { describe, expect, test } from 'vitest';
import { normalCdf } from '../../../src/kernels/normalDistribution.js';
import { simd } from '../../../src/kernels/tables.js';
import type { Floats } from '../../../src/memory/memory.js';
import { Tensor } from '../../../src/tensor/tensor.js';

/** The distance between a float32 next to x and its neighbor. */
function ulp(x: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(x))));
  return 2 ** (exponent - 23);
}

/** Float32 numbers from `low` to `high`: 20,000 evenly spaced ones, and 20,000 of every magnitude, subnormal ones too. */
function samples(low: number, high: number): Float32Array {
  const even = Array.from({ length: 20_000 }, (_, i) => low + ((high - low) * (i + 0.37)) / 20_000);
  const magnitudes = Array.from({ length: 20_000 }, (_, i) => 2 ** (-149 + (277 * (i + 0.41)) / 20_000));
  const both = magnitudes.flatMap((v) => [v, -v]).filter((v) => v >= low && v <= high);
  return Float32Array.from([...even, ...both]);
}

/** The largest error of a kernel, in ulp of the exact value, and where. */
function worst(
  kernel: (y: Floats, x: Floats) => void,
  exact: (x: number) => number,
  x: Float32Array,
): [number, string] {
  const input = Tensor.from(x);
  const y = Tensor.zeros([x.length]);
  kernel(y.data, input.data);
  let largest = 0;
  let where = 'nowhere';
  for (let i = 0; i < x.length; i++) {
    const e = exact(x[i]);
    if (Math.fround(e) === y.data[i]) continue;
    const error = Math.abs(y.data[i] - e) / ulp(e);
    if (!(error <= largest)) {
      largest = error;
      where = `at ${x[i]}: ${y.data[i]} for ${e}`;
    }
  }
  input.dispose();
  y.dispose();
  return [largest, where];
}

type Case = [
  name: string,
  kernel: (y: Floats, x: Floats) => void,
  exact: (x: number) => number,
  low: number,
  high: number,
  ulps: number,
];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const cases: Case[] = [
  ['exp', simd.exp, Math.exp, -110, 90, 1.1],
  ['exp near 0', simd.exp, Math.exp, -1, 1, 1.1],
  ['log', simd.log, Math.log, 0, 3.4e38, 1],
  ['log around 1', simd.log, Math.log, 0.5, 2, 1],
  ['tanh', simd.tanh, Math.tanh, -12, 12, 1.5],
  ['tanh near 0', simd.tanh, Math.tanh, -1, 1, 1.5],
  ['sigmoid', simd.sigmoid, sigmoid, -110, 30, 3],
  ['sigmoid near 0', simd.sigmoid, sigmoid, -3, 3, 3],
  ['silu', simd.silu, (x) => x * sigmoid(x), -87, 1e4, 3],
  ['silu near 0', simd.silu, (x) => x * sigmoid(x), -5, 5, 3],
  ['elu', (y, x) => simd.elu(y, x, 1), (x) => (x > 0 ? x : Math.expm1(x)), -30, 3, 1.5],
  ['elu near 0', (y, x) => simd.elu(y, x, 1), (x) => (x > 0 ? x : Math.expm1(x)), -1, 0, 1.5],
  ['gelu below 0', simd.gelu, (x) => x * normalCdf(x), -13, 0, 5.5],
  ['gelu above 0', simd.gelu, (x) => x * normalCdf(x), 0, 20, 4.5],
];

describe('functions of float32 vectors', () => {
  test.each(cases)('%s', (_name, kernel, exact, low, high, ulps) => {
    const [error, where] = worst(kernel, exact, samples(low, high));
    expect(error, where).toBeLessThanOrEqual(ulps);
  });
});
