import { randomState, restoreRandomState } from '../base/random.js';
import { idleKernels, withKernels } from '../kernels/family.js';

/**
 * Runs `fn` with operations that check shapes and make their outputs, but compute nothing: the numbers in what they return are
 * arbitrary. A 50-layer network then takes milliseconds. Random streams are put back afterwards.
 *
 * @example
 * dryRun(() => model.predict(x).shape); // [1, 1000]
 */
export function dryRun<T>(fn: () => T): T {
  const random = randomState();
  try {
    return withKernels(idleKernels(), fn);
  } finally {
    restoreRandomState(random);
  }
}
