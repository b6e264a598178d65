import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryGroup } from '../../testing/memoryGroup.js';

/** The sum of a list of arrays as a binary tree adds it. */
function treeSum(leaves: readonly Float32Array[]): Float32Array {
  if (leaves.length === 1) return leaves[0].slice();
  const half = leaves.length / 2;
  const [a, b] = [treeSum(leaves.slice(0, half)), treeSum(leaves.slice(half))];
  return a.map((value, i) => value + b[i]);
}

function leavesOf(count: number, length: number, seed: number): Float32Array[] {
  return Array.from({ length: count }, (_, k) =>
    Float32Array.from({ length }, (_, i) => Math.sin(seed + 7 * k + i * (k + 1)) * 10 ** (k % 5)),
  );
}

async function sumOver(ranks: number, leaves: readonly Float32Array[]): Promise<Float32Array[]> {
  const { ranks: members } = memoryGroup(ranks);
  const each = leaves.length / ranks;
  const arrays = members.map((_, rank) => treeSum(leaves.slice(rank * each, (rank + 1) * each)));
  await Promise.all(members.map((member, rank) => member.allReduce(arrays[rank])));
  return arrays;
}

describe('allReduce', () => {
  test('adds whole numbers', async () => {
    const { ranks } = memoryGroup(4);
    const arrays = ranks.map((_, rank) => Float32Array.from([rank, 10 * rank, 1]));
    await Promise.all(ranks.map((member, rank) => member.allReduce(arrays[rank])));
    for (const array of arrays) expect([...array]).toEqual([6, 60, 4]);
  });

  test.each([1, 2, 4, 8])('gives the bits of the binary tree on %i ranks, whatever the length', async (ranks) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 4090, max: 4110 }), fc.constant(150_001)),
        fc.integer({ min: 0, max: 1000 }),
        async (length, seed) => {
          const leaves = leavesOf(8, length, seed);
          const expected = treeSum(leaves);
          for (const array of await sumOver(ranks, leaves)) {
            expect(Buffer.compare(new Uint8Array(array.buffer), new Uint8Array(expected.buffer))).toBe(0);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  test('keeps sums apart that are under way at the same time', async () => {
    const { ranks } = memoryGroup(2);
    const arrays = ranks.map(() => Array.from({ length: 5 }, (_, k) => new Float32Array(5000 + k).fill(k + 1)));
    await Promise.all(ranks.flatMap((member, rank) => arrays[rank].map((array) => member.allReduce(array))));
    for (const own of arrays)
      for (const [k, array] of own.entries()) expect(array.every((v) => v === 2 * (k + 1))).toBe(true);
  });
});
