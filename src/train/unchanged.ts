import { randomState, restoreRandomState } from '../base/random.js';
import type { Module } from '../layers/module.js';
import { withMode } from '../layers/withMode.js';
import type { TrainOptions } from './trainOptions.js';

/**
 * Runs `body`, which may train, and puts everything back after it, whether it throws or not: weights, buffers and modes of the model, the state
 * of the optimizer, the place of the loader, the random streams. Gradients are forgotten.
 */
export async function unchanged(
  model: Module,
  { optimizer, train }: Pick<TrainOptions, 'optimizer' | 'train'>,
  body: () => Promise<void>,
): Promise<void> {
  const weights = model.stateDict();
  const steps = optimizer.stateDict();
  const place = train.restore && train.state?.();
  const random = randomState();
  try {
    await withMode(model, 'train', body);
  } finally {
    model.zeroGrad();
    model.loadStateDict(weights);
    optimizer.loadStateDict(steps);
    if (place !== undefined) train.restore?.(place);
    restoreRandomState(random);
  }
}
