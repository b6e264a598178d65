import type { Labels } from '../tensor/ops/loss/labels.js';
import type { Tensor } from '../tensor/tensor.js';
import { countTopK, predictedClasses } from './topK.js';

/** Whether the targets are marks; with one class, N of them are. */
export function areMarks(logits: Tensor, targets: Labels): boolean {
  return targets.length === logits.size;
}

/** What the logits say, in the form of the targets: N class numbers, or N * K marks, 1 where a logit is above 0. */
export function predictedTargets(logits: Tensor, targets: Labels): Int32Array {
  return areMarks(logits, targets) ? Int32Array.from(logits.data, (x) => (x > 0 ? 1 : 0)) : predictedClasses(logits);
}

/** How many of N images are right; for marks, N times the share of them that is. */
export function countRight(logits: Tensor, targets: Labels): number {
  if (!areMarks(logits, targets)) return countTopK(logits, targets);
  const { data, shape } = logits;
  let right = 0;
  // A NaN is on neither side.
  for (let i = 0; i < data.length; i++) if (targets[i] === 1 ? data[i] > 0 : data[i] <= 0) right++;
  return right / shape[1];
}
