import { type Kernels, kernels, setKernels } from '../src/kernels/kernels.js';
import { plain } from '../src/kernels/plain/index.js';
import { reference } from '../src/kernels/reference/index.js';
import { simd } from '../src/kernels/simd/index.js';
import { onHeap } from './onHeap.js';

/** Every kernel table that this runtime has, by name: what `describe.each` runs a test on. */
export const tables: [string, Kernels][] = [
  ['reference', reference],
  ['plain', plain],
  ['simd', onHeap(simd)],
];

/** Runs `fn` with a table in use. */
export function withTable<T>(table: Kernels, fn: () => T): T {
  const saved = kernels;
  setKernels(table);
  try {
    return fn();
  } finally {
    setKernels(saved);
  }
}
