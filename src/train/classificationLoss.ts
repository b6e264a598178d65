import { checkOptions } from '../base/checkOptions.js';
import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Targets } from '../base/targets.js';
import { binaryCrossEntropyWithLogits } from '../tensor/ops/loss/binaryCrossEntropyWithLogits.js';
import { type CrossEntropyOptions, crossEntropy } from '../tensor/ops/loss/crossEntropy.js';
import type { Labels } from '../tensor/ops/loss/labels.js';
import { Tensor } from '../tensor/tensor.js';

// What is true of a batch: N class indices, or N * K multi-hot values, 0 or 1, where an image may have any number of classes.

/**
 * The loss that `fit` and `evaluate` take by default: `crossEntropy` for class indices, and for multi-hot targets the mean over all values of
 * `binaryCrossEntropyWithLogits`.
 *
 * Options: `labelSmoothing`, the part e of each target that is spread evenly over its answers: all K classes, or yes and no, so that a
 * value t becomes (1 - e) t + e / 2.
 *
 * Shapes: logits [N, K]; targets N class indices or N * K multi-hot values -> []. With one class, N targets are its answers, 0 or 1.
 *
 * Throws `ShapeError` for another number of targets, and what `crossEntropy` throws.
 */
export function classificationLoss(
  logits: Tensor,
  targets: Targets | Labels,
  options: Pick<CrossEntropyOptions, 'labelSmoothing'> = {},
): Tensor {
  checkOptions('classificationLoss', options, ['labelSmoothing']);
  const { labelSmoothing = 0 } = options;
  const { kind, values } = formOf(logits, targets);
  if (kind === 'classIndices') return crossEntropy(logits, values, { labelSmoothing });
  const soft = Float32Array.from(values, (t) => (1 - labelSmoothing) * t + labelSmoothing / 2);
  return binaryCrossEntropyWithLogits(logits, Tensor.from(soft, logits.shape));
}

/** The targets and whether they are class indices; bare values stay as they were given. */
function formOf(logits: Tensor, targets: Targets | Labels): { kind: Targets['kind']; values: Labels } {
  const { shape, size } = logits;
  const values = targets instanceof Targets ? targets.values : targets;
  const [rows, classes] = shape;
  const isKnown = targets instanceof Targets && classes !== 1;
  const kind = isKnown ? targets.kind : values.length === size ? 'multiHot' : 'classIndices';
  if (shape.length !== 2 || values.length === (kind === 'multiHot' ? size : rows)) return { kind, values };
  throw new ShapeError(
    `classificationLoss: ${values.length} labels do not fit logits ${formatShape(shape)}, which need ${rows} class indices, or ${size} multi-hot values where an image may have several classes.`,
  );
}
