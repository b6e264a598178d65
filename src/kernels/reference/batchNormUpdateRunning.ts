import type { Floats } from '../../memory/memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

/**
 * running = (1 - momentum) running + momentum * batch. The variance that evaluation uses is the unbiased one, times
 * count / (count - 1), as in PyTorch.
 */
export function batchNormUpdateRunning(
  runningMean: Floats,
  runningVar: Floats,
  mean: Floats,
  variance: Floats,
  momentum: number,
  g: BatchNormGeometry,
): void {
  const count = g.batch * g.spatial;
  const unbiased = count / (count - 1);
  for (let c = 0; c < g.channels; c++) {
    runningMean[c] = (1 - momentum) * runningMean[c] + momentum * mean[c];
    runningVar[c] = (1 - momentum) * runningVar[c] + momentum * variance[c] * unbiased;
  }
}
