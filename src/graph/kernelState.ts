import { kernelsGeneration } from '../kernels/family.js';
import { bytesPerElement } from '../memory/memory.js';
import { currentPool, usesRelaxedSimd } from '../wasm/program.js';

/** Names the kernels, threads and precision of the moment: two plans of one state are alike. */
export function kernelState(): string {
  return `${kernelsGeneration()} ${currentPool()?.serial ?? 0} ${usesRelaxedSimd()} ${bytesPerElement()}`;
}
