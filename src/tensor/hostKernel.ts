import { dryMemory } from '../memory/dryRun.js';
import type { Tensor } from './tensor.js';

/** Loops in TypeScript that an operation brings itself, with the contract of a kernel: flat arrays, outputs first. */
export type HostKernel = (outputs: readonly Float32Array[], inputs: readonly Float32Array[]) => void;

/** A dry run that wants to hear of such loops. */
export interface HostKernelListener {
  onHostKernel(name: string, outputs: readonly Tensor[], inputs: readonly Tensor[], kernel: HostKernel): void;
}

/**
 * Computes `outputs` from `inputs` by loops of the operation's own. An operation that reads or writes numbers outside of kernels does it here:
 * a model that uses it can then be captured and compiled.
 *
 * @example
 * const y = Tensor.empty('double', x.shape);
 * runHostKernel('double', [y], [x], ([to], [from]) => {
 *   for (let i = 0; i < to.length; i++) to[i] = 2 * from[i];
 * });
 */
export function runHostKernel(
  name: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  kernel: HostKernel,
): void {
  const dry = dryMemory() as Partial<HostKernelListener> | null;
  if (dry?.onHostKernel !== undefined) dry.onHostKernel(name, outputs, inputs, kernel);
  else
    kernel(
      outputs.map((t) => t.data),
      inputs.map((t) => t.data),
    );
}
