import { randomState, restoreRandomState } from '../base/random.js';
import { type Kernels, kernels, setKernels } from '../kernels/kernels.js';
import { plain } from '../kernels/plain/index.js';

/** Every kernel does nothing, and no kernel wants a workspace. */
const idle = Object.fromEntries(
  Object.keys(plain).map((name) => [name, name.endsWith('Workspace') ? () => 0 : () => undefined]),
) as unknown as Kernels;

/**
 * Runs `fn` with operations that check shapes and make their outputs, but compute nothing: the numbers in what they return are
 * arbitrary. A 50-layer network then takes milliseconds. Random streams are put back afterwards.
 *
 * @example
 * dryRun(() => model.predict(x).shape); // [1, 1000]
 */
export function dryRun<T>(fn: () => T): T {
  const table = kernels;
  const random = randomState();
  setKernels(idle);
  try {
    return fn();
  } finally {
    setKernels(table);
    restoreRandomState(random);
  }
}
