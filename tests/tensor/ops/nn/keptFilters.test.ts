import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Conv2d, manualSeed, memoryInfo, Sequential, Tensor, useKernels } from '../../../../src/index.js';
import { simd } from '../../../../src/kernels/tables.js';
import { heap, withHeap } from '../../../../src/memory/memory.js';
import { forgetFilters } from '../../../../src/tensor/ops/nn/keptFilters.js';
import { normals } from '../../../../testing/arbitraries.js';
import { expectClose } from '../../../../testing/tolerance.js';

const MEBIBYTE = 2 ** 20;

/** A 3x3 convolution (Winograd's) and a 1x1 one (columns), both with filters worth keeping. */
function network(): Sequential {
  manualSeed(3);
  return new Sequential(new Conv2d(48, 64, 3, { padding: 1 }), new Conv2d(64, 300, 1));
}

const input = (): Tensor => Tensor.from(normals([1, 48, 9, 9], 'x'), [1, 48, 9, 9]);
const outputOf = (model: Sequential, x = input()): Float32Array => Float32Array.from(model.predict(x).data);
const liveBytes = (): number => memoryInfo().liveBytes;

describe('filters kept from one predict to the next', () => {
  beforeAll(() => useKernels('simd'));
  afterAll(() => {
    forgetFilters();
  });

  test('give the same bits as filters prepared anew', () => {
    const model = network();
    const x = input();
    const first = outputOf(model, x);
    expectClose(outputOf(model, x), first, 0, 'again');
    expect(forgetFilters()).toBeGreaterThan(64 * 1024);
    expectClose(outputOf(model, x), first, 0, 'after forgetting');
  });

  test('follow every change of a weight, however it is made', () => {
    const model = network();
    const x = input();
    const [w] = model.parameters();
    outputOf(model, x);
    for (const i of [0, 1, 16_383, 16_384, w.size - 1]) {
      const before = outputOf(model, x);
      w.data[i] += 1;
      const changed = outputOf(model, x);
      expect(changed.some((value, j) => value !== before[j])).toBe(true);
      forgetFilters();
      expectClose(outputOf(model, x), changed, 0, `weight ${i}`);
    }
  });

  test('notice that two weights have changed places', () => {
    const model = network();
    const x = input();
    const [w] = model.parameters();
    const before = outputOf(model, x);
    [w.data[8], w.data[40]] = [w.data[40], w.data[8]];
    expect(outputOf(model, x).some((value, j) => value !== before[j])).toBe(true);
  });

  test('follow another image size and another relaxed-SIMD setting', async () => {
    const model = network();
    outputOf(model);
    const wide = Tensor.from(normals([2, 48, 12, 10], 'w'), [2, 48, 12, 10]);
    const kept = outputOf(model, wide);
    forgetFilters();
    expectClose(outputOf(model, wide), kept, 0, 'image size');
    outputOf(model, wide);
    await useKernels('simd', { relaxedSimd: false });
    const without = outputOf(model, wide);
    forgetFilters();
    expectClose(outputOf(model, wide), without, 0, 'without relaxed SIMD');
    await useKernels('simd');
  });

  test('cost no more at each further predict, and are given back with the weights', () => {
    forgetFilters();
    const before = liveBytes();
    const model = network();
    const x = input();
    model.predict(x).dispose();
    const after = liveBytes();
    for (let i = 0; i < 3; i++) model.predict(x).dispose();
    expect(liveBytes()).toBe(after);
    for (const p of model.parameters()) p.dispose();
    x.dispose();
    // What is left is the workspace, which may have grown.
    expect(liveBytes() - before).toBeLessThanOrEqual(memoryInfo().workspaceBytes + 1024);
  });

  test('are given up when the memory is short', () => {
    withHeap({ maximumBytes: 16 * MEBIBYTE, shared: false }, () => {
      const model = network();
      const x = input();
      const y = outputOf(model, x);
      const kept = forgetFilters();
      expectClose(outputOf(model, x), y, 0, 'again');
      // So much that it fits only where the kept filters lie.
      const rest = 16 * MEBIBYTE - liveBytes();
      const block = heap().allocate(rest - 64 * 1024, 'test');
      expect(block).toBeGreaterThan(0);
      expect(kept).toBeGreaterThan(0);
      heap().release(block, rest - 64 * 1024);
      expectClose(outputOf(model, x), y, 0, 'afterwards');
      forgetFilters();
    });
  });

  test('hold nothing for large batches, which share their preparation', () => {
    forgetFilters();
    const model = network();
    model.predict(Tensor.zeros([64, 48, 9, 9])).dispose();
    expect(forgetFilters()).toBe(0);
    expect(simd.conv2dKeptWorkspace).toBeDefined();
  });
});
