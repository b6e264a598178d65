import type { Labels } from '../tensor/ops/loss/labels.js';
import type { Tensor } from '../tensor/tensor.js';
import { countTopK, predictedClasses } from './topK.js';

/** Whether the targets are multi-hot; with one class, N of them are. */
export function areMultiHot(logits: Tensor, targets: Labels): boolean {
  return targets.length === logits.size;
}

/** What the logits say, in the form of the targets: N class indices, or N * K multi-hot values, 1 where a logit is above 0. */
export function predictedTargets(logits: Tensor, targets: Labels): Int32Array {
  return areMultiHot(logits, targets) ? Int32Array.from(logits.data, (x) => (x > 0 ? 1 : 0)) : predictedClasses(logits);
}

/** How many of N images are right; for multi-hot targets, N times the fraction of values that are. */
export function countRight(logits: Tensor, targets: Labels): number {
  if (!areMultiHot(logits, targets)) return countTopK(logits, targets);
  const { data, shape } = logits;
  let right = 0;
  // A NaN is on neither side.
  for (let i = 0; i < data.length; i++) if (targets[i] === 1 ? data[i] > 0 : data[i] <= 0) right++;
  return right / shape[1];
}
