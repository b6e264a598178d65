import type { Tensor } from '../tensor/tensor.js';
import { type TargetValues, targetsFor } from './targets.js';
import { countTopK, predictedClasses } from './topK.js';

/** What the logits say, in the form of the targets: N class indices, or N * K multi-hot values, 1 where a logit is above 0. */
export function predictedTargets(logits: Tensor, targets: TargetValues): Int32Array {
  const { kind } = targetsFor('predictedTargets', logits, targets);
  return kind === 'multiHot' ? Int32Array.from(logits.data, (x) => (x > 0 ? 1 : 0)) : predictedClasses(logits);
}

/** How many of N images are right; for multi-hot targets, N times the fraction of values that are. */
export function countRight(logits: Tensor, targets: TargetValues): number {
  const { kind, values } = targetsFor('countRight', logits, targets);
  if (kind === 'classIndices') return countTopK(logits, values);
  const { data, shape } = logits;
  let right = 0;
  // A NaN is on neither side.
  for (let i = 0; i < data.length; i++) if (values[i] === 1 ? data[i] > 0 : data[i] <= 0) right++;
  return right / shape[1];
}
