import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed, randomState, restoreRandomState } from '../../../../src/base/random.js';
import { StochasticDepth } from '../../../../src/layers/stochasticDepth.js';
import { stochasticDepth } from '../../../../src/tensor/ops/nn/stochasticDepth.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectGradients } from '../../../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

describe.each(tables)('stochastic depth on the %s kernels', (_name, table) => {
  it('drops whole images or scales them whole, and their gradients alike', () => {
    withTable(table, () => {
      const [n, size] = [1000, 12];
      const x = Tensor.ones([n, 3, 2, 2]);
      withTape((tape) => {
        const y = stochasticDepth(x, { p: 0.2, training: true });
        const [dx] = tape.gradient(y, [x]);
        let kept = 0;
        for (let i = 0; i < n; i++) {
          const image = y.data.subarray(i * size, (i + 1) * size);
          const value = image[0];
          expect(value === 0 || value === Math.fround(1 / 0.8)).toBe(true);
          expect(image.every((v) => v === value)).toBe(true);
          expect(dx.data.subarray(i * size, (i + 1) * size)).toEqual(image);
          kept += Math.sign(value);
        }
        // Five standard deviations of 1000 draws.
        expect(Math.abs(kept / n - 0.8)).toBeLessThan(5 * Math.sqrt((0.8 * 0.2) / n));
      });
    });
  });
});

it('has the gradient of its mask', () => {
  const state = randomState();
  const fn = (x: Tensor): Tensor => {
    restoreRandomState(state);
    return stochasticDepth(x, { p: 0.5, training: true });
  };
  expectGradients(fn, [{ shape: [6, 2, 1, 2] }]);
});

it('does nothing in evaluation and with p = 0', () => {
  const x = Tensor.ones([2, 1, 1, 1]);
  expect(stochasticDepth(x, { p: 0.5, training: false })).toBe(x);
  expect(new StochasticDepth(0.5).eval().forward(x)).toBe(x);
  expect(new StochasticDepth(0).forward(x)).toBe(x);
  expect(String(new StochasticDepth(0.25))).toBe('StochasticDepth(p=0.25)');
});

it('refuses what is no probability, and what is no batch of images', () => {
  expect(() => new StochasticDepth(1.5)).toThrow('StochasticDepth: p is 1.5, but must be between 0 and 1.');
  expect(() => stochasticDepth(Tensor.ones([2]), { p: 0.5, training: true })).toThrow('[N, C, H, W]');
});
