import { kernelsGeneration } from '../kernels/family.js';
import { bytesPerElement } from '../memory/memory.js';
import { currentPool, usesRelaxedSimd } from '../wasm/program.js';

/** Identifies the current kernels, threads and precision: plans made in the same state are interchangeable. */
export function kernelState(): string {
  return `${kernelsGeneration()} ${currentPool()?.serial ?? 0} ${usesRelaxedSimd()} ${bytesPerElement()}`;
}
