import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/base/errors.js';
import { blockSize, Heap } from '../../src/memory/heap.js';

const MEBIBYTE = 2 ** 20;

describe.each([true, false])('Heap, shared: %s', (shared) => {
  it('hands out aligned blocks, never byte 0, with slack for a vector load behind each', () => {
    const heap = new Heap({ shared });
    const a = heap.allocate(4, 'test');
    const b = heap.allocate(64, 'test');
    expect(a).toBeGreaterThan(0);
    for (const pointer of [a, b]) expect(pointer % 64).toBe(0);
    expect([blockSize(0), blockSize(4), blockSize(64), blockSize(65)]).toEqual([64, 128, 128, 192]);
    expect(heap.liveBytes).toBe(256);
  });

  it('never lets two live blocks overlap, whatever is allocated and released, and keeps count', () => {
    const commands = fc.array(fc.oneof(fc.nat({ max: 300_000 }), fc.record({ release: fc.nat() })), { maxLength: 60 });
    fc.assert(
      fc.property(commands, (list) => {
        const heap = new Heap({ shared, maximumBytes: 64 * MEBIBYTE });
        const live: { pointer: number; bytes: number; mark: number }[] = [];
        let peak = 0;
        for (const [mark, command] of list.entries()) {
          if (typeof command === 'number') {
            const pointer = heap.allocate(command, 'test');
            expect(pointer + blockSize(command)).toBeLessThanOrEqual(heap.heapBytes);
            new Uint8Array(heap.memory.buffer, pointer, command).fill(mark + 1);
            live.push({ pointer, bytes: command, mark });
          } else if (live.length > 0) {
            const [{ pointer, bytes }] = live.splice(command.release % live.length, 1);
            heap.release(pointer, bytes);
          }
          const bytes = live.reduce((n, b) => n + blockSize(b.bytes), 0);
          peak = Math.max(peak, bytes);
          expect(heap.liveBytes).toBe(bytes);
        }
        expect(heap.peakBytes).toBe(peak);
        // Every block still holds its own mark at both ends: nobody else wrote there.
        for (const { pointer, bytes, mark } of live) {
          if (bytes === 0) continue;
          const block = new Uint8Array(heap.memory.buffer, pointer, bytes);
          expect([block[0], block[bytes - 1]]).toEqual([(mark + 1) & 255, (mark + 1) & 255]);
        }
        // Once all is released, one block is left: all of it but the first cache line can be had without growing.
        for (const { pointer, bytes } of live) heap.release(pointer, bytes);
        const before = heap.heapBytes;
        heap.allocate(before - 128, 'test');
        expect(heap.heapBytes).toBe(before);
      }),
      { numRuns: 30 },
    );
  });

  it('grows with what a program needs, by a quarter or 4 MiB at a time', () => {
    const heap = new Heap({ shared, maximumBytes: 256 * MEBIBYTE });
    expect(heap.heapBytes).toBe(65536);
    let grown = 0;
    for (let i = 0; i < 200; i++) {
      const before = heap.heapBytes;
      heap.allocate(MEBIBYTE / 2, 'test');
      if (heap.heapBytes !== before) grown++;
    }
    expect(grown).toBeLessThan(25);
    expect(heap.heapBytes).toBeLessThan(140 * MEBIBYTE);
  });

  it('uses the last page before it gives up, and then says who asked for how much', () => {
    const heap = new Heap({ shared, maximumBytes: MEBIBYTE });
    heap.allocate(MEBIBYTE / 2, 'test');
    const left = MEBIBYTE - 64 - blockSize(MEBIBYTE / 2);
    const pointer = heap.allocate(left - 64, 'test');
    expect(heap.heapBytes).toBe(MEBIBYTE);
    const live = heap.liveBytes;
    expect(() => heap.allocate(2 * MEBIBYTE, 'conv2d')).toThrow(OutOfMemoryError);
    expect(() => heap.allocate(2 * MEBIBYTE, 'conv2d')).toThrow(
      'conv2d: out of memory: asked for 2.0 MiB, but the heap holds 1.0 MiB and cannot grow past 1.0 MiB in one piece. Use a smaller batch or image, or run without a tape where no gradient is needed.',
    );
    expect(heap.liveBytes).toBe(live);
    heap.release(pointer, left - 64);
    expect(heap.allocate(left - 64, 'test')).toBe(pointer);
  });
});

describe('Heap', () => {
  it('is shared where the platform can', () => {
    expect(new Heap().shared).toBe(true);
    expect(new Heap().memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(new Heap({ shared: false }).memory.buffer).toBeInstanceOf(ArrayBuffer);
  });
});
