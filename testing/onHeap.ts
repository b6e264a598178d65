import type { Kernels } from '../src/kernels/tables.js';
import { heap } from '../src/memory/memory.js';

type Kernel = (...args: unknown[]) => unknown;

/**
 * A table for tests that hand ordinary arrays to its kernels: what does not lie in the heap, where SIMD kernels work, is
 * copied there and back around each call. An array that comes twice is copied once.
 */
export function onHeap(table: Kernels): Kernels {
  const entries = Object.entries(table as unknown as Record<string, Kernel>);
  const wrapped = entries.map(([name, kernel]) => [name, (...args: unknown[]) => callOnHeap(kernel, args)]);
  return Object.fromEntries(wrapped) as unknown as Kernels;
}

function callOnHeap(kernel: Kernel, args: unknown[]): unknown {
  const { memory } = heap();
  if (args.some((a) => a instanceof Float64Array))
    throw new Error('SIMD kernels know float32 only, but a test gave doubles');
  const outside = [...new Set(args)].filter((a) => a instanceof Float32Array && a.buffer !== memory.buffer);
  if (outside.length === 0) return kernel(...args);
  const arrays = outside as Float32Array[];
  const pointers = arrays.map((a) => heap().allocate(a.byteLength, 'test'));
  const views = arrays.map((a, i) => new Float32Array(memory.buffer, pointers[i], a.length));
  try {
    for (const [i, a] of arrays.entries()) views[i].set(a);
    const result = kernel(...args.map((a) => views[outside.indexOf(a)] ?? a));
    // A kernel may have grown a plain memory, which detaches the views.
    for (const [i, a] of arrays.entries()) a.set(new Float32Array(memory.buffer, pointers[i], a.length));
    return result;
  } finally {
    for (const [i, a] of arrays.entries()) heap().release(pointers[i], a.byteLength);
  }
}
