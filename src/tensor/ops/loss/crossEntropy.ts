import { checkOptions } from '../../../base/checkOptions.js';
import { expectOwn } from '../../../base/copies.js';
import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, sameShape } from '../../../base/shape.js';
import { lossKernels } from '../../../kernels/families/losses.js';
import { checkNumber } from '../../checkArguments.js';
import { optionalTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { add } from '../math/add.js';
import { mul } from '../math/mul.js';
import { neg } from '../math/neg.js';
import { sum } from '../math/sum.js';
import { logSoftmax } from '../nn/logSoftmax.js';
import { checkLabels, checkLogits, type Labels } from './labels.js';
import { checkReduction, type LossOptions, type Reduction, reduceLoss } from './reduceLoss.js';

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends LossOptions {
  /** The part of each target that is spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number | undefined;
  /** [K]: how much each class counts. Default: all alike. */
  weight?: Tensor | undefined;
}

/**
 * The loss of a classifier: how surprised the softmax of the logits is by the right class.
 *
 * loss[n] = -sum over k of W[k] t[n,k] log(softmax(logits[n])[k]), t being 1 for the label and 0 for the other classes, or the
 * soft targets given; with smoothing e it becomes (1 - e) t + e / K.
 *
 * Shapes: logits [N, K]; labels: N class indices, or a tensor [N, K] of probabilities -> [], or [N] with reduction 'none'.
 *
 * The mean divides by N; with labels and class weights, by the sum of the labels' weights. Gradients reach the logits and
 * soft targets, but not the weights of labels.
 *
 * Throws `ArgumentError` for a label that is not a class, smoothing outside 0 to 1, or labels whose weights sum to 0;
 * `ShapeError` for shapes that do not fit and for an empty batch.
 *
 * Numerics: the largest logit is subtracted before any exponential; finite for any finite logits.
 *
 * Source: Szegedy et al. 2016 (arXiv:1512.00567), section 7, for the smoothing. Values as PyTorch's `cross_entropy`.
 *
 * @example
 * crossEntropy(Tensor.zeros([2, 10]), [3, 7]).item(); // 2.302585, which is log(10)
 */
export function crossEntropy(logits: Tensor, labels: Labels | Tensor, options: CrossEntropyOptions = {}): Tensor {
  checkOptions('crossEntropy', options, ['labelSmoothing', 'weight', 'reduction']);
  const { labelSmoothing = 0, reduction = 'mean' } = options;
  const weight = optionalTensor('crossEntropy', 'weight', options.weight);
  checkLogits('crossEntropy', logits);
  expectOwn('crossEntropy', labels);
  checkReduction('crossEntropy', reduction);
  checkWeights(logits.shape[1], labelSmoothing, weight);
  if (labels instanceof Tensor) return softCrossEntropy(logits, labels, labelSmoothing, weight, reduction);

  const [rows, classes] = logits.shape;
  const classOf = checkLabels('crossEntropy', labels, logits);
  const divisor = weight === null ? rows : sumOfWeights(classOf, weight);
  const g = Object.freeze({ rows, classes, labelSmoothing });
  const losses = Tensor.empty('crossEntropy', [rows]);
  lossKernels.crossEntropy(losses.data, logits.data, classOf, weight && weight.data, g);

  record('crossEntropy', [logits], losses, (dLosses, [dLogits]) => {
    if (!dLogits) return;
    lossKernels.crossEntropyBackward(dLogits.data, dLosses.data, logits.data, classOf, weight && weight.data, g);
  });
  return reduceLoss('crossEntropy', losses, reduction, divisor);
}

/** The definition, written in other operations. */
function softCrossEntropy(
  logits: Tensor,
  target: Tensor,
  labelSmoothing: number,
  weight: Tensor | null,
  reduction: Reduction,
): Tensor {
  if (!sameShape(target.shape, logits.shape)) {
    throw new ShapeError(
      `crossEntropy: the soft targets have shape ${formatShape(target.shape)}, but the logits ${formatShape(logits.shape)}. Pass class indices as an Int32Array or an array of numbers.`,
    );
  }
  const [rows, classes] = logits.shape;
  const smooth = labelSmoothing === 0 ? target : add(mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  const weighted = weight === null ? smooth : mul(smooth, weight);
  const losses = neg(sum(mul(weighted, logSoftmax(logits)), 1));
  return reduceLoss('crossEntropy', losses, reduction, rows);
}

function checkWeights(classes: number, labelSmoothing: number, weight: Tensor | null): void {
  checkNumber('crossEntropy', 'labelSmoothing', labelSmoothing);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError(`crossEntropy: labelSmoothing is ${labelSmoothing}, but must be from 0 to 1.`);
  }
  if (weight !== null && !sameShape(weight.shape, [classes])) {
    throw new ShapeError(
      `crossEntropy: weight has shape ${formatShape(weight.shape)}, but needs [${classes}], one for each class.`,
    );
  }
}

function sumOfWeights(labels: Int32Array, weight: Tensor): number {
  const w = weight.data;
  let total = 0;
  for (const label of labels) total += w[label];
  if (total === 0) {
    throw new ArgumentError(
      `crossEntropy: the weights of all ${labels.length} labels sum to 0, so there is no mean. Use reduction 'sum', or weights > 0.`,
    );
  }
  return total;
}
