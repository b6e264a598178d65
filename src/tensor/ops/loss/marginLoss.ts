import { checkOptions } from '../../../base/checkOptions.js';
import { ArgumentError } from '../../../base/errors.js';
import { checkNumber } from '../../checkArguments.js';
import type { Tensor } from '../../tensor.js';
import { add } from '../math/add.js';
import { mul } from '../math/mul.js';
import { square } from '../math/square.js';
import { sub } from '../math/sub.js';
import { sum } from '../math/sum.js';
import { relu } from '../nn/relu.js';
import { checkLabels, checkLogits, type Labels, oneHot } from './labels.js';
import { checkReduction, type LossOptions, reduceLoss } from './reduceLoss.js';

/** Options of `marginLoss`. */
export interface MarginLossOptions extends LossOptions {
  /** What the length of the right class should reach. Default 0.9. */
  present?: number | undefined;
  /** What the lengths of other classes should not pass. Default 0.1. */
  absent?: number | undefined;
  /** How much the other classes count. Default 0.5, so that the first steps do not shrink all lengths. */
  absentWeight?: number | undefined;
}

/**
 * The loss of a capsule network: the right class's capsule should be long, all others short.
 *
 * loss[n] = sum over k of T max(0, present - x[n,k])^2 + absentWeight (1 - T) max(0, x[n,k] - absent)^2, T being 1 for the label and 0
 * for the other classes.
 *
 * Shapes: x [N, K], lengths between 0 and 1, and N class indices -> [], or [N] with reduction 'none'.
 *
 * Throws `ArgumentError` for a label that is not a class and for options that are no numbers; `ShapeError` for an empty batch.
 *
 * Source: Sabour, Frosst and Hinton 2017 (arXiv:1710.09829), equation 4.
 *
 * @example
 * marginLoss(Tensor.from([[0.9, 0.1, 0.5]]), [0]).item(); // 0.08: 0.5 * (0.5 - 0.1)^2
 */
export function marginLoss(x: Tensor, labels: Labels, options: MarginLossOptions = {}): Tensor {
  checkOptions('marginLoss', options, ['present', 'absent', 'absentWeight', 'reduction']);
  const { present = 0.9, absent = 0.1, absentWeight = 0.5, reduction = 'mean' } = options;
  checkReduction('marginLoss', reduction);
  checkLogits('marginLoss', x);
  for (const [name, value] of Object.entries({ present, absent, absentWeight })) {
    checkNumber('marginLoss', name, value);
    if (!Number.isFinite(value)) throw new ArgumentError(`marginLoss: ${name} is ${value}, but must be a number.`);
  }
  const right = oneHot(checkLabels('marginLoss', labels, x), x.shape[1]);
  const tooShort = mul(right, square(relu(sub(present, x))));
  const tooLong = mul(sub(absentWeight, mul(right, absentWeight)), square(relu(sub(x, absent))));
  return reduceLoss('marginLoss', sum(add(tooShort, tooLong), 1), reduction);
}
