import { checkOptions } from '../base/checkOptions.js';
import { debugLevel } from '../base/environment.js';
import { ArgumentError } from '../base/errors.js';
import { wasmFeatures } from '../wasm/features.js';
import { configurePrograms, defaultThreads, threadCount, usesRelaxedSimd, usesWideVectors } from '../wasm/program.js';
import { type KernelTable, kernelsInUse, setKernels } from './family.js';

const TABLES: readonly KernelTable[] = ['reference', 'plain', 'simd'];

/** More than any machine in sight has cores; a slip of the pen would start thousands. */
const MAX_THREADS = 256;

export interface UseKernelsOptions {
  /**
   * Threads of the 'simd' table, the main one included. Default: all cores. It is 1 whatever this says for the other tables,
   * and where workers cannot be started on shared memory: pages that are not cross-origin isolated, Node before 20.16.
   * `kernelInfo()` tells.
   */
  threads?: number | undefined;
  /** false keeps to products and sums although the runtime has fused multiply-adds. Default: use what there is. */
  relaxedSimd?: boolean | undefined;
  /**
   * Experimental: true tries vectors of 256 bits. It sets V8's flag `--experimental-wasm-revectorize` for the whole process, where it can,
   * times both kinds of loops for some milliseconds and keeps the faster ones; `kernelInfo()` tells which. Results are the same bits.
   * Default: false.
   */
  wideVectors?: boolean | undefined;
  /**
   * The 'simd' kernels as a compiled module, for hosts that do not let a program compile WebAssembly: what your host makes of
   * `import module from 'stridenet/kernels.wasm'`, or of 'stridenet/kernels.relaxed.wasm', which has fused multiply-adds. They run on
   * one thread. Call before the first tensor is made.
   */
  module?: WebAssembly.Module | undefined;
}

/**
 * Chooses the kernels that all operations run on from now: 'reference', the textbook loops; 'plain', loops tuned for the
 * JavaScript engine; 'simd', WebAssembly vectors on all cores. Tensors stay valid. Without a call it is 'simd' where the
 * runtime has it, else 'plain'.
 *
 * Throws `ArgumentError` for a table that does not exist here, threads that are not a whole number from 1 to 256, or a module that
 * is not of this version of the library.
 *
 * @example
 * await useKernels('simd', { threads: 1 });
 */
export async function useKernels(table: KernelTable, options: UseKernelsOptions = {}): Promise<void> {
  checkOptions('useKernels', options, ['threads', 'relaxedSimd', 'wideVectors', 'module']);
  const { module, relaxedSimd } = options;
  const threads = options.threads ?? (module === undefined ? defaultThreads() : 1);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new ArgumentError(`useKernels: threads is ${threads}, but must be a whole number from 1 to ${MAX_THREADS}.`);
  }
  if (!TABLES.includes(table)) {
    const names = TABLES.map((name) => `'${name}'`);
    throw new ArgumentError(`useKernels: there is no table '${table}'; there are ${names.join(', ')}.`);
  }
  if (module !== undefined && table !== 'simd') {
    throw new ArgumentError(`useKernels: module holds 'simd' kernels, but the table is '${table}'. Use 'simd'.`);
  }
  const { simd: compiles, reason } = wasmFeatures();
  if (table === 'simd' && module === undefined && !compiles) {
    throw new ArgumentError(
      `useKernels: ${reason}, which 'simd' needs. Use 'plain', or pass { module } where your host can import stridenet/kernels.wasm.`,
    );
  }
  let wide = false;
  if (options.wideVectors && table === 'simd' && module === undefined) {
    const { prefersWideVectors } = await import('../wasm/wideVectors.js');
    wide = await prefersWideVectors((relaxedSimd ?? true) && wasmFeatures().relaxedSimd);
  }
  configurePrograms({ threads: table === 'simd' ? threads : 1, relaxedSimd, wide, module });
  setKernels(table);
  if (debugLevel() >= 1) {
    const { threads, relaxedSimd } = kernelInfo();
    console.warn(`stridenet: kernels '${table}', threads ${threads}, fused multiply-add ${relaxedSimd ? 'yes' : 'no'}`);
  }
}

/** The kernels in use. */
export interface KernelInfo {
  /** The table of kernels: 'reference', 'plain' or 'simd'; 'custom' for kernels of your own. */
  table: string;
  /** How many threads the kernels run on, including the main thread. */
  threads: number;
  /** Whether fused multiply-adds of relaxed SIMD are in use: results may then differ in the last bits. */
  relaxedSimd: boolean;
  /** Loops for vectors of 256 bits are in use: they were asked for and are faster here. */
  wideVectors?: true | undefined;
  /** Why the 'simd' table, which is not in use, cannot be compiled here; absent where it can. */
  reason?: string | undefined;
}

/** Which kernels are in use, and on how many threads. */
export function kernelInfo(): KernelInfo {
  const inUse = kernelsInUse();
  const isSimd = inUse === 'simd';
  const { reason } = wasmFeatures();
  return {
    table: typeof inUse === 'string' ? inUse : 'custom',
    threads: isSimd ? threadCount() : 1,
    relaxedSimd: isSimd && usesRelaxedSimd(),
    ...(isSimd && usesWideVectors() ? { wideVectors: true } : {}),
    ...(isSimd || reason === undefined ? {} : { reason }),
  };
}
