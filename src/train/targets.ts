import { checkOptions } from '../base/checkOptions.js';
import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { countTopK, predictedClasses } from '../metrics/topK.js';
import { binaryCrossEntropyWithLogits } from '../tensor/ops/loss/binaryCrossEntropyWithLogits.js';
import { type CrossEntropyOptions, crossEntropy } from '../tensor/ops/loss/crossEntropy.js';
import type { Labels } from '../tensor/ops/loss/labels.js';
import { Tensor } from '../tensor/tensor.js';

// What is true of a batch: N class numbers, or N * K marks, 0 or 1, where an image may have any number of classes.

/** Whether the targets are marks; with one class, N of them are. */
export function areMarks(logits: Tensor, targets: Labels): boolean {
  return targets.length === logits.size;
}

/**
 * The loss that `fit` and `evaluate` take by default: `crossEntropy` for class numbers, and for marks the mean over all of them of
 * `binaryCrossEntropyWithLogits`.
 *
 * Options: `labelSmoothing`, the part e of each target that is spread evenly over its answers: all K classes, or yes and no, so that a
 * mark t becomes (1 - e) t + e / 2.
 *
 * Shapes: logits [N, K]; targets N class numbers or N * K marks -> []. With one class, N targets are marks.
 *
 * Throws `ShapeError` for another number of targets, and what `crossEntropy` throws.
 */
export function classificationLoss(
  logits: Tensor,
  targets: Labels,
  options: Pick<CrossEntropyOptions, 'labelSmoothing'> = {},
): Tensor {
  checkOptions('classificationLoss', options, ['labelSmoothing']);
  const { labelSmoothing = 0 } = options;
  if (!areMarks(logits, targets)) {
    checkCount(logits, targets);
    return crossEntropy(logits, targets, { labelSmoothing });
  }
  const soft = Float32Array.from(targets, (t) => (1 - labelSmoothing) * t + labelSmoothing / 2);
  return binaryCrossEntropyWithLogits(logits, Tensor.from(soft, logits.shape));
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

function checkCount({ shape, size }: Tensor, targets: Labels): void {
  if (shape.length !== 2 || targets.length === shape[0]) return;
  throw new ShapeError(
    `classificationLoss: ${targets.length} labels do not fit logits ${formatShape(shape)}, which need ${shape[0]} class numbers, or ${size} marks where an image may have several classes.`,
  );
}
