import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/base/errors.js';
import {
  broadcastShapes,
  checkShape,
  expectRank,
  formatShape,
  normalizeAxis,
  sameShape,
  sizeOf,
  stridesOf,
} from '../../src/base/shape.js';
import { shapes } from '../../testing/arbitraries.js';

describe('shapes', () => {
  it('have a size, strides and a written form', () => {
    expect([sizeOf([]), sizeOf([2, 3]), sizeOf([2, 0])]).toEqual([1, 6, 0]);
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(stridesOf([])).toEqual([]);
    expect([formatShape([8, 3]), formatShape([])]).toEqual(['[8, 3]', '[]']);
    expect([sameShape([1, 2], [1, 2]), sameShape([1, 2], [1, 2, 1]), sameShape([1, 2], [1, 3])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('are copied and checked', () => {
    const shape = [2, 3];
    expect(checkShape('op', shape)).toEqual(shape);
    expect(checkShape('op', shape)).not.toBe(shape);
    for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => checkShape('op', [2, bad])).toThrow(ShapeError);
      expect(() => checkShape('op', [2, bad])).toThrow(
        `op: shape [2, ${bad}] has the axis ${bad}; axes are whole numbers >= 0.`,
      );
    }
  });

  it('count axes from either end', () => {
    expect([normalizeAxis('op', 0, 3), normalizeAxis('op', -1, 3), normalizeAxis('op', -3, 3)]).toEqual([0, 2, 0]);
    for (const bad of [3, -4, 0.5, Number.NaN]) {
      expect(() => normalizeAxis('op', bad, 3)).toThrow(
        `op: axis ${bad} is not an axis of a tensor with 3 axes; use -3 to 2.`,
      );
    }
  });

  it('name the layout that an operation needs', () => {
    expect(() => expectRank('conv2d', 'x', [1, 2], '[N, C, H, W]')).toThrow(
      'conv2d: x has shape [1, 2], but needs 4 axes, [N, C, H, W].',
    );
    expect(() => expectRank('conv2d', 'x', [1, 2, 3, 4], '[N, C, H, W]')).not.toThrow();
  });
});

describe('broadcastShapes', () => {
  it('aligns at the last axis and stretches axes of 1', () => {
    expect(broadcastShapes('op', [8, 1, 6, 1], [7, 1, 5])).toEqual([8, 7, 6, 5]);
    expect(broadcastShapes('op', [], [2, 3])).toEqual([2, 3]);
    expect(broadcastShapes('op', [1], [0])).toEqual([0]);
    expect(() => broadcastShapes('op', [2, 3], [2, 2])).toThrow(
      'op: shapes [2, 3] and [2, 2] do not broadcast: axis -1 is 3 in one and 2 in the other. Make them equal, or one of them 1.',
    );
    expect(() => broadcastShapes('op', [0], [2])).toThrow(ShapeError);
  });

  it('is commutative, and leaves a shape alone that meets itself, a scalar or ones', () => {
    fc.assert(
      fc.property(shapes(0), shapes(0), (a, b) => {
        expect(broadcastShapes('op', a, a)).toEqual(a);
        expect(broadcastShapes('op', a, [])).toEqual(a);
        expect(
          broadcastShapes(
            'op',
            a.map(() => 1),
            a,
          ),
        ).toEqual(a);
        const attempt = (x: number[], y: number[]): number[] | null => {
          try {
            return broadcastShapes('op', x, y);
          } catch {
            return null;
          }
        };
        expect(attempt(a, b)).toEqual(attempt(b, a));
      }),
    );
  });
});
