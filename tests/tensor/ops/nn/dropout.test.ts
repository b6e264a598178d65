import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import { manualSeed, randomState, restoreRandomState } from '../../../../src/base/random.js';
import { dropout } from '../../../../src/tensor/ops/nn/dropout.js';
import { dropout2d } from '../../../../src/tensor/ops/nn/dropout2d.js';
import { withTape } from '../../../../src/tensor/tape.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { normals } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectClose, expectGradients, U } from '../../../../testing/tolerance.js';

/** By how much the share of hits in n fair trials may differ from its mean, but for one case in a billion (Hoeffding 1963). */
function deviation(n: number): number {
  return Math.sqrt(Math.log(2e9) / (2 * n));
}

function mask(n: number, p: number, s: number): Float32Array {
  manualSeed(s);
  return dropout(Tensor.ones([n]), { p, training: true }).data.map((v) => (v > 0 ? 1 : 0));
}

/** The share of places where two masks agree. */
function agreement(a: Float32Array, b: Float32Array): number {
  return a.reduce((count, v, i) => count + Number(v === b[i]), 0) / a.length;
}

describe.each(tables)('dropout on the %s kernels', (_name, table) => {
  const run = (title: string, fn: () => void): void => test(title, () => withTable(table, fn));

  run('with p = 1/2 each element is doubled or dropped, and so is its gradient', () => {
    manualSeed(1);
    const x = Tensor.from([1, 2, 3, 4, 5, 6, 7, 8]);
    withTape((tape) => {
      const y = dropout(x, { training: true });
      const [dx] = tape.gradient(y, [x], { cotangent: Tensor.full([8], 3) });
      const kept = [...y.data].map((v) => v !== 0);
      expect(new Set(kept).size).toBe(2);
      kept.forEach((k, i) => {
        expect(y.data[i]).toBe(k ? 2 * (i + 1) : 0);
        expect(dx.data[i]).toBe(k ? 6 : 0);
      });
    });
  });

  run("the hash is MurmurHash3's finalizer, whose value for 1 is 0x514e28b7", () => {
    const share = 0x514e28b7 / 2 ** 32;
    for (const [p, expected] of [
      [share, 1],
      [share + 2 ** -32, 0],
    ]) {
      const y = Tensor.zeros([1]);
      table.dropout(y.data, Tensor.ones([1]).data, { p, seed: 1, unit: 1 });
      expect(Math.sign(y.item())).toBe(expected);
    }
  });

  run('evaluation and p = 0 give back x itself, and p = 1 zeros', () => {
    const x = Tensor.from([1, Number.POSITIVE_INFINITY]);
    expect(dropout(x, { training: false })).toBe(x);
    expect(dropout(x, { p: 0, training: true })).toBe(x);
    expect(dropout(x, { p: 1, training: false })).toBe(x);
    withTape((tape) => {
      const y = dropout(x, { p: 1, training: true });
      expect(y.toArray()).toEqual([0, 0]);
      expect(tape.gradient(y, [x])[0].toArray()).toEqual([0, 0]);
    });
  });

  run('a dropped element is 0, also where x is infinite or not a number', () => {
    manualSeed(2);
    const y = dropout(Tensor.full([64], Number.NaN), { training: true });
    expect(y.data.some((v) => v === 0)).toBe(true);
    expect(y.data.every((v) => v === 0 || Number.isNaN(v))).toBe(true);
  });

  run('the same seed gives the same mask, and each call another one', () => {
    const x = Tensor.from(normals(4096, 1));
    manualSeed(5);
    const first = dropout(x, { training: true }).data.slice();
    const second = dropout(x, { training: true }).data.slice();
    const state = randomState();
    const third = dropout(x, { training: true }).data.slice();
    manualSeed(5);
    expect(dropout(x, { training: true }).data).toEqual(first);
    expect(second).not.toEqual(first);
    restoreRandomState(state);
    expect(dropout(x, { training: true }).data).toEqual(third);
  });

  run('evaluation draws nothing from the random stream', () => {
    const before = randomState();
    dropout(Tensor.ones([4]), { training: false });
    expect(randomState()).toEqual(before);
  });

  test.each([0.1, 0.5, 0.9])('p = %f drops that share, so the mean stays', (p) => {
    withTable(table, () => {
      const n = 100_000;
      manualSeed(7);
      const y = dropout(Tensor.ones([n]), { p, training: true }).data;
      const dropped = y.filter((v) => v === 0).length / n;
      expect(Math.abs(dropped - p)).toBeLessThan(deviation(n));
      const mean = y.reduce((sum, v) => sum + v, 0) / n;
      expect(Math.abs(mean - 1)).toBeLessThan(deviation(n) / (1 - p) + 2 * U);
    });
  });

  run('masks of different seeds, and a mask and its shift, agree as often as by chance', () => {
    const n = 65_536;
    const masks = [0, 1, 2, 1000].map((s) => mask(n, 0.5, s));
    for (let a = 0; a < masks.length; a++) {
      for (let b = 0; b < a; b++) {
        expect(Math.abs(agreement(masks[a], masks[b]) - 0.5)).toBeLessThan(deviation(n));
      }
      for (const shift of [1, 2, 32, 1024]) {
        const overlap = agreement(masks[a].subarray(shift), masks[a].subarray(0, n - shift));
        // Neighboring pairs overlap, so only every second one is independent of the others.
        expect(Math.abs(overlap - 0.5)).toBeLessThan(2 * deviation(n / 2));
      }
    }
  });

  run('seeds that differ in one bit give unrelated masks, not permutations in blocks', () => {
    const n = 32_768;
    const x = Tensor.ones([n]);
    const [a, b] = [8, 9].map((s) => {
      const y = Tensor.zeros([n]);
      table.dropout(y.data, x.data, { p: 0.5, seed: s, unit: 1 });
      return y.data.slice();
    });
    const swapped = b.map((_, i) => b[i ^ 1]);
    expect(Math.abs(agreement(a, b) - 0.5)).toBeLessThan(deviation(n));
    expect(Math.abs(agreement(a, swapped) - 0.5)).toBeLessThan(deviation(n));
  });

  run('dropout2d drops whole channels, forward and backward', () => {
    manualSeed(3);
    const x = Tensor.ones([8, 16, 3, 5]);
    withTape((tape) => {
      const y = dropout2d(x, { p: 0.25, training: true });
      const [dx] = tape.gradient(y, [x]);
      expect(y.shape).toEqual([8, 16, 3, 5]);
      const channels = Array.from({ length: 128 }, (_, c) => [...y.data.subarray(15 * c, 15 * c + 15)]);
      for (const channel of channels) expect(new Set(channel).size).toBe(1);
      const kept = channels.filter((channel) => channel[0] > 0).length;
      expect(Math.abs(kept / 128 - 0.75)).toBeLessThan(deviation(128));
      expect(kept).toBeLessThan(128);
      expectClose(
        y.data,
        [...y.data].map((v) => (v > 0 ? 4 / 3 : 0)),
        2 * U,
      );
      expect(dx.data).toEqual(y.data);
    });
  });

  run('the bits are those of the reference', () => {
    const x = normals(999, 4);
    const [ours, theirs] = [table, tables[0][1]].map((t) =>
      withTable(t, () => {
        manualSeed(11);
        const input = Tensor.from(x, [3, 37, 3, 3]);
        return withTape((tape) => {
          const y = dropout(dropout2d(input, { p: 0.3, training: true }), { p: 0.7, training: true });
          return [y.data.slice(), tape.gradient(y, [input], { cotangent: input })[0].data.slice()];
        });
      }),
    );
    expect(ours).toEqual(theirs);
  });

  run('an empty batch stays empty', () => {
    expect(dropout2d(Tensor.zeros([0, 3, 4, 4]), { training: true }).shape).toEqual([0, 3, 4, 4]);
    expect(dropout2d(Tensor.zeros([2, 3, 0, 4]), { training: true }).shape).toEqual([2, 3, 0, 4]);
  });
});

describe('dropout', () => {
  test('the gradient agrees with finite differences under a fixed mask', () => {
    const fixed = (fn: (x: Tensor) => Tensor) => (x: Tensor) => {
      manualSeed(9);
      return fn(x);
    };
    expectGradients(
      fixed((x) => dropout(x, { p: 0.3, training: true })),
      [{ shape: [4, 7] }],
    );
    expectGradients(
      fixed((x) => dropout2d(x, { p: 0.5, training: true })),
      [{ shape: [2, 5, 2, 2] }],
    );
  });

  test('the scale is rounded to float32, so that a kernel in float32 gives the same bits', () => {
    manualSeed(3);
    const y = dropout(Tensor.full([64], 1 / 3), { p: 0.3, training: true }).data;
    const expected = Math.fround(Math.fround(1 / 3) * Math.fround(1 / 0.7));
    expect(new Set(y)).toEqual(new Set([0, expected]));
  });

  test('a p that is no probability, or a tensor that is no batch of images, gets a sentence', () => {
    const x = Tensor.ones([2, 3]);
    expect(() => dropout(x, { p: 1.5, training: true })).toThrow(ArgumentError);
    expect(() => dropout(x, { p: 1.5, training: true })).toThrow(
      'dropout: p is 1.5, but is a probability: from 0 (drop nothing) to 1 (drop everything).',
    );
    expect(() => dropout(x, { p: -0.1, training: false })).toThrow('dropout: p is -0.1');
    expect(() => dropout(x, { p: Number.NaN, training: true })).toThrow('dropout: p is NaN');
    expect(() => dropout2d(x, { training: true })).toThrow(ShapeError);
    expect(() => dropout2d(x, { training: true })).toThrow(
      'dropout2d: x has shape [2, 3], but needs 4 axes, [N, C, H, W].',
    );
  });
});
