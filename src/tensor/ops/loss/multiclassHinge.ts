import { checkOptions } from '../../../base/checkOptions.js';
import { ArgumentError } from '../../../base/errors.js';
import { lossKernels } from '../../../kernels/families/losses.js';
import { checkNumber } from '../../checkArguments.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { checkLabels, checkLogits, type Labels } from './labels.js';
import { checkReduction, type LossOptions, reduceLoss } from './reduceLoss.js';

/** Options of `multiclassHinge`. */
export interface MulticlassHingeOptions extends LossOptions {
  /** By how much the right class must lead. Default 1. */
  margin?: number | undefined;
  /** 2 squares each violation. Default 1. */
  power?: 1 | 2 | undefined;
}

/**
 * The loss of a support vector machine: each class that comes within the margin of the right one costs.
 *
 * loss[n] = sum over k != label of max(0, margin - x[n,label] + x[n,k])^power / K
 *
 * Shapes: x [N, K], N class indices -> [], or [N] with reduction 'none'.
 *
 * Throws `ArgumentError` for a label that is not a class, a margin that is no number or a power other than 1 and 2;
 * `ShapeError` for an empty batch.
 *
 * Source: Weston and Watkins 1999, "Support Vector Machines for Multi-Class Pattern Recognition"; divided by K as in
 * PyTorch's `multi_margin_loss`.
 *
 * @example
 * multiclassHinge(Tensor.from([[3, 4, 0]]), [0]).item(); // 0.666667: (max(0, 1 - 3 + 4) + max(0, 1 - 3 + 0)) / 3
 */
export function multiclassHinge(x: Tensor, labels: Labels, options: MulticlassHingeOptions = {}): Tensor {
  checkOptions('multiclassHinge', options, ['margin', 'power', 'reduction']);
  const { margin = 1, power = 1, reduction = 'mean' } = options;
  checkReduction('multiclassHinge', reduction);
  checkLogits('multiclassHinge', x);
  checkNumber('multiclassHinge', 'margin', margin);
  checkNumber('multiclassHinge', 'power', power);
  if (!Number.isFinite(margin)) throw new ArgumentError(`multiclassHinge: margin is ${margin}, but must be a number.`);
  if (power !== 1 && power !== 2) throw new ArgumentError(`multiclassHinge: power is ${power}, but must be 1 or 2.`);
  const [rows, classes] = x.shape;
  const classOf = checkLabels('multiclassHinge', labels, x);
  const g = Object.freeze({ rows, classes, margin, power });
  const losses = Tensor.empty('multiclassHinge', [rows]);
  lossKernels.multiclassHinge(losses.data, x.data, classOf, g);

  record('multiclassHinge', [x], losses, (dLosses, [dx]) => {
    if (dx) lossKernels.multiclassHingeBackward(dx.data, dLosses.data, x.data, classOf, g);
  });
  return reduceLoss('multiclassHinge', losses, reduction);
}
