import { expect, test } from 'vitest';
import { ArrayBufferMemory } from '../../src/memory/heapMemory.js';

test('a memory without WebAssembly grows with its bytes, detaches old views, and keeps to its maximum', () => {
  const memory = new ArrayBufferMemory(3);
  const before = new Uint8Array(memory.buffer);
  before[65535] = 7;
  expect(memory.grow(2)).toBe(1);
  expect(memory.buffer.byteLength).toBe(3 * 65536);
  expect(new Uint8Array(memory.buffer)[65535]).toBe(7);
  expect(before.length).toBe(0);
  expect(() => memory.grow(1)).toThrow(RangeError);
  expect(memory.buffer.byteLength).toBe(3 * 65536);
});
