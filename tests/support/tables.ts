import { type Kernels, kernels, setKernels } from '../../src/tensor/kernels/kernels.js';
import { plain } from '../../src/tensor/kernels/plain/index.js';
import { reference } from '../../src/tensor/kernels/reference/index.js';
import { simd } from '../../src/tensor/kernels/simd/index.js';
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
