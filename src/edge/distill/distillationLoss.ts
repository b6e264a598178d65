import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../../base/errors.js';
import { formatShape, sameShape } from '../../base/shape.js';
import { checkNumber } from '../../tensor/checkArguments.js';
import { checkTensor } from '../../tensor/checkTensor.js';
import { crossEntropy } from '../../tensor/ops/loss/crossEntropy.js';
import type { Labels } from '../../tensor/ops/loss/labels.js';
import { add } from '../../tensor/ops/math/add.js';
import { mul } from '../../tensor/ops/math/mul.js';
import { logSoftmax } from '../../tensor/ops/nn/logSoftmax.js';
import { softmax } from '../../tensor/ops/nn/softmax.js';
import { withoutTape } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Options of `distillationLoss`. */
export interface DistillationLossOptions {
  /** Divides the logits of both networks; higher values show more of how the teacher ranks the wrong classes. Default 4. */
  temperature?: number | undefined;
  /** The part of the loss that the teacher makes, 0 to 1; the labels make the rest. Default 0.9. */
  alpha?: number | undefined;
}

/**
 * The loss of a student that learns from a teacher's logits and from labels:
 *
 * alpha T^2 KL(softmax(teacher / T) || softmax(logits / T)) + (1 - alpha) crossEntropy(logits, labels)
 *
 * The factor T^2 keeps the gradients of the first part at the size of the second's, whatever the temperature. No gradients reach the teacher.
 *
 * Shapes: logits [N, K]; teacher [N, K]; labels: N class indices, or a tensor [N, K] of probabilities -> []: the mean over images.
 *
 * Throws `ArgumentError` for a temperature that isn't > 0 or an alpha outside 0 to 1; `ShapeError` for shapes that don't fit each other.
 *
 * Source: Hinton et al. 2015 (arXiv:1503.02531), section 2.
 *
 * @example
 * distillationLoss(Tensor.zeros([1, 2]), Tensor.zeros([1, 2]), [0], { alpha: 1 }).item(); // 0: the student answers as the teacher
 */
export function distillationLoss(
  logits: Tensor,
  teacher: Tensor,
  labels: Labels | Tensor,
  options: DistillationLossOptions = {},
): Tensor {
  const { temperature, alpha } = checkDistillation('distillationLoss', options);
  checkTensor('distillationLoss', 'logits', logits);
  checkTensor('distillationLoss', 'teacher', teacher);
  if (!sameShape(logits.shape, teacher.shape)) {
    throw new ShapeError(
      `distillationLoss: the student gives logits ${formatShape(logits.shape)}, but the teacher ${formatShape(teacher.shape)}. Both need the same classes.`,
    );
  }
  if (alpha === 0) return crossEntropy(logits, labels);
  const [targets, entropy] = withoutTape(() => {
    const scaled = mul(teacher, 1 / temperature);
    const p = softmax(scaled);
    return [p, -meanRowSum(p, logSoftmax(scaled))];
  });
  const divergence = add(crossEntropy(mul(logits, 1 / temperature), targets), -entropy);
  const soft = mul(divergence, alpha * temperature * temperature);
  return alpha === 1 ? soft : add(soft, mul(crossEntropy(logits, labels), 1 - alpha));
}

/** The options with their defaults. Throws `ArgumentError` for what is unknown or out of range. */
export function checkDistillation(
  who: string,
  options: DistillationLossOptions,
  others: readonly string[] = [],
): Required<{ [K in keyof DistillationLossOptions]: number }> {
  checkOptions(who, options, ['temperature', 'alpha', ...others]);
  const { temperature = 4, alpha = 0.9 } = options;
  checkNumber(who, 'temperature', temperature);
  checkNumber(who, 'alpha', alpha);
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new ArgumentError(`${who}: temperature is ${temperature}, but must be > 0.`);
  }
  if (!(alpha >= 0 && alpha <= 1)) {
    throw new ArgumentError(`${who}: alpha is ${alpha}, but must be from 0 (labels only) to 1 (teacher only).`);
  }
  return { temperature, alpha };
}

/** The mean over rows of sum over k of p[n,k] logP[n,k]; a probability that underflows to 0 counts 0. */
function meanRowSum(p: Tensor, logP: Tensor): number {
  const [a, b] = [p.data, logP.data];
  let total = 0;
  for (let i = 0; i < a.length; i++) if (a[i] > 0) total += a[i] * b[i];
  return total / p.shape[0];
}
