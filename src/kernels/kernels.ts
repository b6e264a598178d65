import { whenSeveralCopies } from '../base/copies.js';
import { requestPlainHeap } from '../memory/memory.js';
import { wasmFeatures } from '../wasm/features.js';
import type { ActivationKernels } from './contracts/activations.js';
import type { ArithmeticKernels } from './contracts/arithmetic.js';
import type { ConvolutionKernels } from './contracts/convolution.js';
import type { LossKernels } from './contracts/losses.js';
import type { MatrixKernels } from './contracts/matrix.js';
import type { MovementKernels } from './contracts/movement.js';
import type { NormalizationKernels } from './contracts/normalization.js';
import type { OptimizerKernels } from './contracts/optimizers.js';
import type { PoolingKernels } from './contracts/pooling.js';
import { bare, chooseInstruments, type Instruments, instrumented } from './instrument.js';
import { plain } from './plain/index.js';
import { simd } from './simd/index.js';

/**
 * Every kernel of a table. A kernel is a pure function on flat arrays and one geometry object: outputs first, then
 * inputs, then geometry. It checks nothing and allocates nothing. Forward kernels overwrite (`y =`), backward kernels
 * add (`dx +=`). The contracts stand in contracts/, one file a family.
 */
export interface Kernels
  extends ActivationKernels,
    ArithmeticKernels,
    ConvolutionKernels,
    LossKernels,
    MatrixKernels,
    MovementKernels,
    NormalizationKernels,
    OptimizerKernels,
    PoolingKernels {}

/** What `fallback` has made. */
const standIns = new WeakSet<Kernels>();
let hasWarned = false;

/** The table in use. Operations and optimisers call `kernels.conv2d(...)`; nobody else does. */
export let kernels: Kernels = instrumented(wasmFeatures().simd ? simd : fallback());

/** Replaces the table; `useKernels` is the public way. */
export function setKernels(table: Kernels): void {
  kernels = instrumented(table);
}

/** Changes what happens around each kernel call from now; see src/debug/instruments.ts for the public way. */
export function setInstruments(changes: Partial<Instruments>): void {
  chooseInstruments(changes);
  kernels = instrumented(kernels);
}

/** The table in use without its instruments. */
export function bareKernels(): Kernels {
  const table = bare(kernels);
  return standIns.has(table) ? plain : table;
}

/**
 * The plain kernels, the first call of which warns that nothing faster is to be had. Whoever has chosen a table before hears nothing.
 * Threads that cannot run kernels need no shared memory, and a module that is compiled beforehand wants another.
 */
function fallback(): Kernels {
  requestPlainHeap();
  const standIn: Record<string, unknown> = { ...plain };
  for (const [name, kernel] of Object.entries(plain) as [string, (...args: unknown[]) => unknown][]) {
    standIn[name] = (...args: unknown[]) => {
      if (standIns.has(bare(kernels))) setKernels(plain);
      warnOfFallback();
      return kernel(...args);
    };
  }
  const table = standIn as unknown as Kernels;
  standIns.add(table);
  return table;
}

function warnOfFallback(): void {
  if (hasWarned) return;
  hasWarned = true;
  console.warn(
    `stridenet: kernels run without WebAssembly, several times slower, since ${wasmFeatures().reason}. Pass { module } to useKernels('simd') where your host can import stridenet/kernels.wasm, or call useKernels('plain') to run without this warning.`,
  );
}

whenSeveralCopies(() => setInstruments({ guard: true }));
