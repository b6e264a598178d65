import { describe, expect, it } from 'vitest';
import { FIXED, Labels } from '../../../src/edge/prune/labels.js';
import { reshapeLabels } from '../../../src/edge/prune/reshapeLabels.js';

describe('reshapeLabels', () => {
  it('keeps the labels of an axis that stays', () => {
    const labels = new Labels();
    const c = labels.fresh(3);
    expect(reshapeLabels(labels, [null, c, null, null], [1, 3, 4, 5], [1, 3, 20])).toEqual([null, c, null]);
  });

  it('repeats the label of a channel for each of its pixels, and finds it again', () => {
    const labels = new Labels();
    const c = labels.fresh(2);
    const flat = reshapeLabels(labels, [null, c, null, null], [1, 2, 2, 1], [1, 4]);
    expect(flat).toEqual([null, Int32Array.of(c[0], c[0], c[1], c[1])]);
    expect(reshapeLabels(labels, flat, [1, 4], [1, 2, 2, 1])[1]).toEqual(c);
  });

  it('ties channels that are cut into a table along its rows: a shuffle', () => {
    const labels = new Labels();
    const c = labels.fresh(6);
    const table = reshapeLabels(labels, [null, c, null], [1, 6, 9], [1, 2, 3, 9]);
    expect(table).toEqual([null, null, c.slice(0, 3), null]);
    for (let i = 0; i < 3; i++) expect(labels.find(c[i])).toBe(labels.find(c[i + 3]));
    expect(new Set([...c].map((label) => labels.find(label))).size).toBe(3);
  });

  it('fixes what two labeled axes share', () => {
    const labels = new Labels();
    const [a, b] = [labels.fresh(2), labels.fresh(3)];
    expect(reshapeLabels(labels, [a, b], [2, 3], [6])).toEqual([null]);
    for (const label of [...a, ...b]) expect(labels.find(label)).toBe(FIXED);
  });

  it('passes axes of length 1 by', () => {
    const labels = new Labels();
    const c = labels.fresh(4);
    expect(reshapeLabels(labels, [null, c], [1, 4], [4, 1, 1])).toEqual([c, null, null]);
    expect(reshapeLabels(labels, [null, c, null, null], [1, 4, 1, 1], [1, 4])).toEqual([null, c]);
  });
});
