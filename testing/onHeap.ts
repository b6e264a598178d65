import type { Kernels } from '../src/kernels/tables.js';
import { heap } from '../src/memory/memory.js';

type Numbers = Float32Array | Int8Array | Int32Array;
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
  const onBytes = args.some((a) => a instanceof Int8Array);
  const isNumbers = (a: unknown): boolean =>
    a instanceof Float32Array || (onBytes && (a instanceof Int8Array || a instanceof Int32Array));
  const outside = [...new Set(args)].filter((a) => isNumbers(a) && (a as Numbers).buffer !== memory.buffer);
  if (outside.length === 0) return kernel(...args);
  const arrays = outside as Numbers[];
  const pointers = arrays.map((a) => heap().allocate(a.byteLength, 'test'));
  const viewOf = (i: number): Numbers => {
    const { length } = arrays[i];
    const ArrayOf = arrays[i].constructor as new (buffer: ArrayBufferLike, at: number, length: number) => Numbers;
    return new ArrayOf(memory.buffer, pointers[i], length);
  };
  const views = arrays.map((_, i) => viewOf(i));
  try {
    for (const [i, a] of arrays.entries()) views[i].set(a);
    const result = kernel(...args.map((a) => views[outside.indexOf(a)] ?? a));
    // A kernel may have grown a plain memory, which detaches the views.
    for (const [i, a] of arrays.entries()) a.set(viewOf(i));
    return result;
  } finally {
    for (const [i, a] of arrays.entries()) heap().release(pointers[i], a.byteLength);
  }
}
