import { ArgumentError } from '../errors.js';
import { type Kernels, kernels, setKernels } from './kernels.js';
import { plain } from './plain/index.js';
import { reference } from './reference/index.js';

const TABLES: Readonly<Record<string, Kernels>> = { reference, plain };

/** The names that `useKernels` knows. */
export type KernelTable = 'reference' | 'plain' | 'simd';

/**
 * Chooses the kernels that all operations run on from now: 'reference', the textbook loops; 'plain', loops tuned for the
 * JavaScript engine (the default). Tensors stay valid.
 *
 * Options: `threads`, default 1; these tables use one whatever it says.
 *
 * Throws `ArgumentError` for a table that does not exist here, or threads that are not a whole number >= 1.
 *
 * @example
 * await useKernels('reference');
 */
export async function useKernels(table: KernelTable, options: { threads?: number } = {}): Promise<void> {
  const { threads = 1 } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ArgumentError(`useKernels: threads is ${threads}, but must be a whole number >= 1.`);
  }
  if (!Object.hasOwn(TABLES, table)) {
    const names = Object.keys(TABLES).map((name) => `'${name}'`);
    throw new ArgumentError(`useKernels: there is no table '${table}' here; there are ${names.join(' and ')}.`);
  }
  setKernels(TABLES[table]);
}

/** The kernels in use. */
export interface KernelInfo {
  table: string;
  threads: number;
  /** Whether fused multiply-adds of relaxed SIMD are in use: results may then differ in the last bits. */
  relaxedSimd: boolean;
}

/** Which kernels are in use, and on how many threads. */
export function kernelInfo(): KernelInfo {
  const known = Object.entries(TABLES).find(([, table]) => table === kernels);
  return { table: known?.[0] ?? 'custom', threads: 1, relaxedSimd: false };
}
