import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FreeBlocks } from '../../src/memory/freeBlocks.js';

const TOTAL = 1 << 20;

describe('FreeBlocks', () => {
  it('cuts requests from a block and merges what comes back', () => {
    const free = new FreeBlocks();
    free.add(0, 300);
    expect(free.take(100)).toBe(0);
    expect(free.take(100)).toBe(100);
    expect(free.take(200)).toBeUndefined();
    free.add(0, 100);
    expect(free.take(200)).toBeUndefined();
    free.add(100, 100);
    expect(free.endingAt(300)).toBe(300);
    expect(free.take(300)).toBe(0);
    expect(free.endingAt(300)).toBe(0);
  });

  it('takes the tightest block of the size', () => {
    const free = new FreeBlocks();
    free.add(0, 78);
    free.add(100, 72);
    free.add(200, 75);
    expect(free.take(71)).toBe(100);
    expect(free.take(75)).toBe(200);
  });

  it('never hands out a byte twice, finds a block whenever one is large enough, and ends as one block', () => {
    const commands = fc.array(fc.oneof(fc.integer({ min: 1, max: TOTAL / 8 }), fc.record({ release: fc.nat() })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(commands, (list) => {
        const free = new FreeBlocks();
        free.add(0, TOTAL);
        const taken: { start: number; size: number }[] = [];
        for (const command of list) {
          if (typeof command === 'number') {
            const start = free.take(command);
            if (start === undefined) {
              expect(largestGap(taken)).toBeLessThan(command);
              continue;
            }
            expect(start).toBeGreaterThanOrEqual(0);
            expect(start + command).toBeLessThanOrEqual(TOTAL);
            for (const t of taken) expect(start + command <= t.start || t.start + t.size <= start).toBe(true);
            taken.push({ start, size: command });
          } else if (taken.length > 0) {
            const [{ start, size }] = taken.splice(command.release % taken.length, 1);
            free.add(start, size);
          }
        }
        for (const { start, size } of taken) free.add(start, size);
        expect(free.take(TOTAL)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

function largestGap(taken: readonly { start: number; size: number }[]): number {
  let largest = 0;
  let at = 0;
  for (const { start, size } of [...taken].sort((a, b) => a.start - b.start)) {
    largest = Math.max(largest, start - at);
    at = start + size;
  }
  return Math.max(largest, TOTAL - at);
}
