import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NonFiniteError } from '../../src/base/errors.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { clipGradNorm, clipGradValue } from '../../src/optim/clip.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { normals, seed } from '../../testing/arbitraries.js';
import { giveGradient } from '../../testing/optimizers.js';
import { tables, withTable } from '../../testing/tables.js';
import { expectClose, U } from '../../testing/tolerance.js';

function withGrads(...grads: ArrayLike<number>[]): Parameter[] {
  return grads.map((grad) => {
    const p = new Parameter(new Float32Array(grad.length), [grad.length]);
    giveGradient(p, grad);
    return p;
  });
}

const gradsOf = (params: Parameter[]): number[][] => params.map((p) => [...(p.grad?.data ?? [])]);

describe.each(tables)('clipping (%s)', (_, table) => {
  it('halves gradients of norm 10 for a limit of 5, and returns the 10', () => {
    withTable(table, () => {
      const params = withGrads([6, 0], [8]);
      expect(clipGradNorm(params, 5)).toBe(10);
      // 5 / (10 + 1e-6): a ten-millionth less than half
      expectClose(gradsOf(params).flat(), [3, 0, 4], 4 * (1e-7 + 2 * U));
    });
  });

  it('adds 1e-6 to the norm that it divides by, so that tiny norms do not blow up', () => {
    withTable(table, () => {
      const params = withGrads([1e-6]);
      clipGradNorm(params, 1e-7);
      // 1e-6 * 1e-7 / (1e-6 + 1e-6)
      expectClose(gradsOf(params)[0], [5e-8], 5e-8 * 4 * U);
    });
  });

  it('leaves gradients below the limit exactly as they are', () => {
    withTable(table, () => {
      const params = withGrads([3], [4]);
      expect(clipGradNorm(params, 5.1)).toBe(5);
      expect(gradsOf(params)).toEqual([[3], [4]]);
    });
  });

  it('measures norms whose squares do not fit into float32', () => {
    withTable(table, () => {
      expect(clipGradNorm(withGrads([3 * 2 ** 100, 4 * 2 ** 100]), 1)).toBe(5 * 2 ** 100);
      expect(clipGradNorm(withGrads([3 * 2 ** -120, 4 * 2 ** -120]), 1)).toBe(5 * 2 ** -120);
    });
  });

  it('leaves a norm of at most the limit, in the old direction', () => {
    fc.assert(
      fc.property(seed, fc.double({ min: 0.01, max: 20, noNaN: true }), (s, limit) => {
        withTable(table, () => {
          const params = withGrads(normals(7, s), normals(3, s + 1));
          const before = gradsOf(params).flat();
          const norm = clipGradNorm(params, limit);
          const after = gradsOf(params).flat();
          expect(Math.hypot(...after)).toBeLessThanOrEqual(Math.min(norm, limit) * (1 + 4 * U));
          const factor = Math.min(1, limit / norm);
          expectClose(
            after,
            before.map((g) => g * factor),
            (i) => Math.abs(before[i]) * factor * (4 * U + 2e-6 / norm),
          );
        });
      }),
      { numRuns: 50 },
    );
  });

  it('limits each element, and keeps NaN visible', () => {
    withTable(table, () => {
      const params = withGrads([-3, -0.5, 0, 2, Number.POSITIVE_INFINITY, Number.NaN]);
      clipGradValue(params, 1);
      expect(gradsOf(params)).toEqual([[-1, -0.5, 0, 1, 1, Number.NaN]]);
    });
  });
});

describe('which gradients count', () => {
  it('not those of frozen parameters, nor those that a step has used, and shared ones once', () => {
    const [frozen, spent, live] = withGrads([100], [100], [3]);
    frozen.requiresGrad = false;
    spent.spendGradient();
    expect(clipGradNorm([frozen, spent, live, live, new Parameter([1])], 10)).toBe(3);
    clipGradValue([frozen, spent, live], 1);
    expect(gradsOf([frozen, spent, live])).toEqual([[100], [100], [1]]);
  });

  it('no gradients at all have the norm 0', () => {
    expect(clipGradNorm([new Parameter([1])], 1)).toBe(0);
  });

  it('leaves no tensor behind', () => {
    const params = withGrads([1, 2, 3]);
    const before = memoryInfo().liveBytes;
    for (let i = 0; i < 100; i++) clipGradNorm(params, 1);
    expect(memoryInfo().liveBytes).toBe(before);
  });
});

describe('bad input gets a sentence', () => {
  it('a gradient with NaN names its parameter, and nothing is changed', () => {
    const params = withGrads([30], [1, Number.NaN]);
    expect(() => clipGradNorm(params, 1)).toThrow(NonFiniteError);
    expect(() => clipGradNorm(params, 1)).toThrow(
      'clipGradNorm: the gradient of parameter 1 [2] has the norm NaN; nothing was clipped.',
    );
    expect(gradsOf(params)).toEqual([[30], [1, Number.NaN]]);
  });

  it('limits must be above 0', () => {
    expect(() => clipGradNorm([], 0)).toThrow('clipGradNorm: maxNorm is 0, but must be > 0 and finite.');
    expect(() => clipGradValue([], -1)).toThrow('clipGradValue: limit is -1, but must be > 0 and finite.');
  });
});
