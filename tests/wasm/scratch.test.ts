import { describe, expect, it } from 'vitest';
import { simd } from '../../src/kernels/tables.js';
import { floatsAt, withHeap } from '../../src/memory/memory.js';
import { alignedBytes, scratch, scratchInts } from '../../src/wasm/scratch.js';

describe('scratch', () => {
  it('keeps one block, grows it, and gives the old one back', () => {
    withHeap({}, (heap) => {
      const first = scratch(100);
      expect(scratch(50)).toBe(first);
      const { liveBytes } = heap;
      expect(scratch(1000)).toBe(first);
      scratch(liveBytes + 1);
      expect(heap.liveBytes).toBeGreaterThan(liveBytes + 1);
      expect(heap.liveBytes).toBeLessThan(3 * liveBytes);
    });
  });

  it('holds the integers that it was given, and room behind them', () => {
    withHeap({}, (heap) => {
      const at = scratchInts([1, -2, 3], 4096);
      expect([...new Int32Array(heap.memory.buffer, at, 3)]).toEqual([1, -2, 3]);
      expect(at % 64).toBe(0);
      expect(alignedBytes(3)).toBe(64);
      expect(alignedBytes(17)).toBe(128);
    });
  });

  it('belongs to its heap', () => {
    const outer = withHeap({}, () => {
      const before = scratch(64);
      withHeap({}, (inner) => {
        scratchInts([7]);
        expect(inner.liveBytes).toBeGreaterThan(0);
      });
      return [before, scratch(64)];
    });
    expect(outer[0]).toBe(outer[1]);
  });

  it('may grow a plain memory, which detaches the views that a kernel was called with', () => {
    withHeap({ shared: false }, (heap) => {
      const rows = 40_000;
      const loss = heap.allocate(4 * rows, 'test');
      const logits = heap.allocate(8 * rows, 'test');
      floatsAt(logits, 2 * rows).fill(0);
      const labels = new Int32Array(rows);
      // All that is left, so that asking for the labels' place grows the memory.
      const { heapBytes } = heap;
      heap.allocate(heapBytes - 64 - heap.liveBytes - 64, 'test');
      expect(heap.heapBytes).toBe(heapBytes);
      const view = floatsAt(loss, rows);
      const [x, g] = [floatsAt(logits, 2 * rows), { rows, classes: 2, margin: 1, power: 1 }];
      simd.multiclassHinge(view, x, labels, g);
      expect(view.byteLength).toBe(0);
      expect(floatsAt(loss, rows).every((v) => v === 0.5)).toBe(true);
    });
  });
});
