import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { manualSeed } from '../../../../src/base/random.js';
import { randn, uniform } from '../../../../src/tensor/ops/math/random.js';

describe('random tensors', () => {
  it('have the mean and spread of their distribution, within five standard errors', () => {
    manualSeed(1);
    const n = 40_000;
    const moments = (values: Float32Array): [number, number] => {
      const mean = values.reduce((a, b) => a + b, 0) / n;
      return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / n];
    };
    const [mean, variance] = moments(randn([n]).data);
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    const evenly = uniform([n], -1, 3);
    const [middle, spread] = moments(evenly.data);
    expect(Math.abs(middle - 1)).toBeLessThan((5 * Math.sqrt(16 / 12)) / Math.sqrt(n));
    expect(Math.abs(spread - 16 / 12)).toBeLessThan((5 * 16 * Math.sqrt(1 / 180)) / Math.sqrt(n));
    expect(Math.min(...evenly.data)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...evenly.data)).toBeLessThanOrEqual(3);
  });

  it('are the same after the same seed and differ from draw to draw', () => {
    manualSeed('a');
    const first = [randn([2, 3]), uniform([4]), randn([2, 3])];
    manualSeed('a');
    const second = [randn([2, 3]), uniform([4]), randn([2, 3])];
    expect(first.map((t) => [...t.data])).toEqual(second.map((t) => [...t.data]));
    expect(first[0].data).not.toEqual(first[2].data);
    expect(first[0].shape).toEqual([2, 3]);
  });

  it('reject shapes and bounds that make no sense', () => {
    expect(() => randn([2, -1])).toThrow(ShapeError);
    expect(() => randn([2, -1])).toThrow('randn: shape [2, -1] has the axis -1; axes are whole numbers >= 0.');
    expect(() => uniform([2], 1, 0)).toThrow(ArgumentError);
    expect(() => uniform([2], 1, 0)).toThrow(
      'uniform: low is 1 and high is 0 for shape [2]; low must not exceed high, both finite.',
    );
    expect(() => uniform([2], 0, Number.NaN)).toThrow('high is NaN');
  });
});
