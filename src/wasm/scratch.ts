import type { Heap } from '../memory/heap.js';
import { heap } from '../memory/memory.js';
import { fixedCalls, fixedScratch } from './fixedCalls.js';

const LEAST_BYTES = 16 * 1024;

interface Block {
  pointer: number;
  bytes: number;
}

const blocks = new WeakMap<Heap, Block>();

/**
 * Pointer to at least `bytes` of the heap that hold the side data of one kernel call: index tables, labels, partial
 * results. There is one block; it is not cleared, and belongs to the caller until the next request.
 *
 * A request may grow the heap, which detaches every view of a plain memory: read byteOffset and length of all arrays
 * before it.
 */
export function scratch(bytes: number): number {
  const fixed = fixedCalls();
  if (fixed !== null) return fixedScratch(fixed, bytes);
  const of = heap();
  const block = blocks.get(of) ?? { pointer: 0, bytes: 0 };
  blocks.set(of, block);
  if (bytes > block.bytes) {
    if (block.bytes > 0) of.release(block.pointer, block.bytes);
    const wanted = Math.max(bytes, 2 * block.bytes, LEAST_BYTES);
    block.bytes = 0;
    block.pointer = of.allocate(wanted, 'scratch of a kernel');
    block.bytes = wanted;
  }
  return block.pointer;
}

/**
 * Pointer to a copy of `values` as 32-bit integers in the scratch block. `more` bytes follow it for the caller's own use,
 * from `pointer + alignedBytes(values.length)` on. All that is said of `scratch` holds.
 */
export function scratchInts(values: ArrayLike<number>, more = 0): number {
  const pointer = scratch(alignedBytes(values.length) + more);
  new Int32Array(heap().memory.buffer, pointer, values.length).set(values);
  return pointer;
}

/** The bytes of `length` integers, rounded up so that doubles and vectors may follow. */
export function alignedBytes(length: number): number {
  return Math.ceil(length / 16) * 64;
}
