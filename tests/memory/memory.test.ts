import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/base/errors.js';
import {
  bytesPerElement,
  heap,
  inFloat64,
  memoryInfo,
  resetPeak,
  withHeap,
  withMemoryLimit,
  workspace,
} from '../../src/memory/memory.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { concat } from '../../src/tensor/ops/shape/concat.js';
import { permute } from '../../src/tensor/ops/shape/permute.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { scope } from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { wholes } from '../../testing/arbitraries.js';

const MEBIBYTE = 2 ** 20;

describe.each([true, false])('a memory that grows in the middle of an operation, shared: %s', (shared) => {
  it('loses nothing: inputs, output and gradients are right', () => {
    withHeap({ shared, maximumBytes: 512 * MEBIBYTE }, (h) => {
      // Each of these is larger than the 64 KiB that the heap starts with, and each step has to grow it.
      const n = 600_000;
      const values = wholes(n, 1);
      const a = Tensor.from(values, [n]);
      const view = a.data;
      let grown = 0;
      const growing = <T>(fn: () => T): T => {
        const before = h.heapBytes;
        const result = fn();
        if (h.heapBytes > before) grown++;
        return result;
      };
      const b = growing(() => add(a, 1));
      const c = growing(() => mul(a, b));
      const d = growing(() => concat([c, a]));
      const e = growing(() => permute(Tensor.from(d.data, [2, n]), [1, 0]));
      expect(grown).toBeGreaterThanOrEqual(3);
      // A plain memory has detached the view that was taken before; a shared one has not.
      expect(view.length).toBe(shared ? n : 0);
      for (let i = 0; i < n; i += 997) {
        const v = values[i];
        expect(e.data[2 * i]).toBe(v * (v + 1));
        expect(e.data[2 * i + 1]).toBe(v);
      }
      const gradient = growing(() => withTape((tape) => tape.gradient(sum(mul(add(a, 1), a)), [a])[0]));
      for (let i = 0; i < n; i += 997) expect(gradient.data[i]).toBe(2 * values[i] + 1);
    });
  });

  it('adds to the gradient of a parameter whose memory moved under its view', () => {
    withHeap({ shared, maximumBytes: 256 * MEBIBYTE }, (h) => {
      const p = new Parameter([1, 2, 3]);
      const step = (n: number): void =>
        withTape((tape) => {
          const before = h.heapBytes;
          const big = Tensor.ones([n, 3]);
          tape.backward(sum(mul(big, p)));
          expect(h.heapBytes).toBeGreaterThan(before);
        });
      step(10_000);
      step(1_000_000);
      expect(p.grad?.toArray()).toEqual([1_010_000, 1_010_000, 1_010_000]);
      expect(p.toArray()).toEqual([1, 2, 3]);
    });
  });
});

describe('memory', () => {
  it('names the operation that asked for too much, and stays usable', () => {
    withHeap({ maximumBytes: 8 * MEBIBYTE }, () => {
      const x = Tensor.ones([1_000_000]);
      expect(() => add(x, 1)).not.toThrow();
      expect(() => concat([x, x, x])).toThrow(OutOfMemoryError);
      expect(() => concat([x, x, x])).toThrow(/^concat: out of memory: asked for 11\.4 MiB, but the heap holds/);
      expect(() => workspace(10_000_000, 'conv2d')).toThrow(/^conv2d: out of memory: asked for 38\.1 MiB/);
      expect(sum(x).item()).toBe(1_000_000);
    });
  });

  it('counts live bytes, the peak, and the workspace', () => {
    withHeap({}, (h) => {
      scope(() => {
        Tensor.zeros([1000]);
        Tensor.zeros([1000]);
      });
      expect(memoryInfo()).toEqual({
        liveBytes: 0,
        peakBytes: 2 * (4032 + 64),
        workspaceBytes: 0,
        heapBytes: h.heapBytes,
      });
      resetPeak();
      expect(memoryInfo().peakBytes).toBe(0);
      expect(workspace(100, 'test').length).toBe(100);
      expect(memoryInfo().workspaceBytes).toBe(400);
      const first = workspace(50, 'test');
      expect(first.length).toBe(50);
      expect(workspace(0, 'test').length).toBe(0);
      workspace(200, 'test');
      expect(memoryInfo()).toMatchObject({ workspaceBytes: 800, liveBytes: 832 + 64 });
    });
  });

  it('holds constant over thousands of steps of a tape', () => {
    withHeap({}, (h) => {
      const p = new Parameter(wholes(64, 1), [8, 8]);
      const step = (): void => withTape((tape) => tape.backward(sum(mul(add(p, 1), p))));
      step();
      const { liveBytes, heapBytes } = memoryInfo();
      for (let i = 0; i < 2000; i++) step();
      expect(memoryInfo()).toMatchObject({ liveBytes, heapBytes });
      expect(h.liveBytes).toBe(liveBytes);
    });
  });

  it('puts the heap and the precision back, also when the function throws', () => {
    const outside = heap();
    expect(() =>
      withHeap({}, () => {
        throw new Error('x');
      }),
    ).toThrow('x');
    expect(heap()).toBe(outside);
    expect(inFloat64(bytesPerElement)).toBe(8);
    expect(() =>
      inFloat64(() => {
        throw new Error('x');
      }),
    ).toThrow('x');
    expect(bytesPerElement()).toBe(4);
    inFloat64(() => expect(Tensor.from([0.1]).data).toBeInstanceOf(Float64Array));
  });

  it('lets a tensor live in the heap that it was made in', () => {
    withHeap({ shared: false }, (outer) => {
      const x = Tensor.from([1, 2, 3]);
      withHeap({}, (inner) => {
        outer.allocate(MEBIBYTE, 'test');
        expect(x.toArray()).toEqual([1, 2, 3]);
        x.dispose();
        expect(inner.liveBytes).toBe(0);
      });
    });
  });
});

describe('withMemoryLimit', () => {
  it('refuses what would pass it, takes nothing then, and ends with the function', () => {
    const before = memoryInfo().liveBytes;
    withMemoryLimit(4096, () => {
      Tensor.zeros([512]).dispose();
      expect(() => Tensor.zeros([2000])).toThrow(OutOfMemoryError);
      // An inner limit may not be wider.
      withMemoryLimit(2 ** 20, () => expect(() => Tensor.zeros([2000])).toThrow('past the limit'));
    });
    expect(memoryInfo().liveBytes).toBe(before);
    Tensor.zeros([2000]).dispose();
  });
});
