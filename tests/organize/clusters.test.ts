import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { clustersOf } from '../../src/organize/clusters.js';

/** Vectors of length 1 around three directions, and one apart from all. */
function drawnVectors(): Float32Array[] {
  const random = new RandomStream('vectors');
  const unit = (values: number[]): Float32Array => Float32Array.from(values, (v) => v / Math.hypot(...values));
  const around = (axis: number): Float32Array =>
    unit(Array.from({ length: 5 }, (_, j) => Number(j === axis) + 0.08 * random.normal()));
  return [...Array.from({ length: 30 }, (_, n) => around(n % 3)), unit([0, 0, 0, 1, -1])];
}

const expected = [0, 1, 2].map((axis) => Array.from({ length: 10 }, (_, i) => 3 * i + axis));

describe('clustersOf', () => {
  test('finds as many as there are by density, and leaves out what is like no other', async () => {
    const found = await clustersOf(drawnVectors(), { method: 'density', distance: 0.1 });
    expect(found).toEqual(expected);
    const usual = await clustersOf(drawnVectors(), { method: 'density' });
    expect(usual.length).toBeGreaterThanOrEqual(3);
    expect(usual.flat()).not.toContain(30);
    for (const cluster of usual) expect(new Set(cluster.map((n) => n % 3)).size).toBe(1);
  });

  test('makes as many as are asked for with k-means, the same ones each time', async () => {
    const vectors = drawnVectors().slice(0, 30);
    const found = await clustersOf(vectors, { method: 'k-means', clusters: 3 });
    expect(found.map((cluster) => [...cluster])).toEqual(expected);
    expect(await clustersOf(vectors, { method: 'k-means', clusters: 3 })).toEqual(found);
    expect((await clustersOf(vectors.slice(0, 2), { method: 'k-means', clusters: 5 })).flat().sort()).toEqual([0, 1]);
  });

  test('makes none of nothing', async () => {
    expect(await clustersOf([], { method: 'density' })).toEqual([]);
    expect(await clustersOf([], { method: 'k-means', clusters: 3 })).toEqual([]);
  });
});
