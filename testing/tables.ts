import { withKernels } from '../src/kernels/family.js';
import { type Kernels, plain, reference, simd } from '../src/kernels/tables.js';
import { onHeap } from './onHeap.js';

/** Every kernel table that this runtime has, by name: what `describe.each` runs a test on. */
export const tables: [string, Kernels][] = [
  ['reference', reference],
  ['plain', plain],
  ['simd', onHeap(simd)],
];

/** Runs `fn` with a table in use. */
export function withTable<T>(table: Kernels, fn: () => T): T {
  return withKernels(table, fn);
}
