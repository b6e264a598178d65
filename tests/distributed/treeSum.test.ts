import { expect, test } from 'vitest';
import { TreeSum } from '../../src/distributed/treeSum.js';

/** Numbers whose sum depends on the order. */
const leaf = (k: number): Float32Array => Float32Array.from([1e8 * (-1) ** k, 0.1 * k, k, 3e7 / (k + 1)]);

function tree(from: number, to: number): Float32Array {
  if (to - from === 1) return leaf(from);
  const middle = (from + to) / 2;
  const b = tree(middle, to);
  return tree(from, middle).map((value, i) => value + b[i]);
}

test.each([1, 2, 4, 8, 16])('adds %i leaves as a binary tree does', (leaves) => {
  const sum = new TreeSum(leaves, 4);
  for (let k = 0; k < leaves; k++) sum.add(k, 0, 4, leaf(k));
  expect([...sum.total]).toEqual([...tree(0, leaves)]);
});

test('takes the stretches of a leaf one by one, and zeros for null', () => {
  const sum = new TreeSum(4, 4);
  for (let k = 0; k < 4; k++) {
    sum.add(k, 2, 2, k === 2 ? null : leaf(k).subarray(2));
    sum.add(k, 0, 2, leaf(k).subarray(0, 2));
  }
  const f = Math.fround;
  const [, , a, b] = [0, 1, 2, 3].map((k) => leaf(k)[3]);
  void a;
  expect(sum.total[2]).toBe(0 + 1 + 0 + 3);
  expect(sum.total[3]).toBe(f(f(leaf(0)[3] + leaf(1)[3]) + f(0 + b)));
  expect([...sum.total.subarray(0, 2)]).toEqual([...tree(0, 4).subarray(0, 2)]);
});

test('gives 0 for the sum of -0 and nothing, wherever the parts are added', () => {
  const sum = new TreeSum(2, 1);
  sum.add(0, 0, 1, Float32Array.from([-0]));
  sum.add(1, 0, 1, null);
  expect(Object.is(sum.total[0], 0)).toBe(true);
});
