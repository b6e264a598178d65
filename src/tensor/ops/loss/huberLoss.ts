import { checkOptions } from '../../../base/checkOptions.js';
import { ArgumentError } from '../../../base/errors.js';
import { lossKernels } from '../../../kernels/families/losses.js';
import { checkNumber } from '../../checkArguments.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { checkReduction, checkTarget, type LossOptions, reduceLoss } from './reduceLoss.js';

/** Options of `huberLoss`. */
export interface HuberOptions extends LossOptions {
  /** Where the parabola becomes a line, > 0. Default 1. */
  delta?: number | undefined;
}

/**
 * Squares small differences and takes large ones as they are, so that outliers do not dominate: with d = x - target,
 * d^2 / 2 where |d| <= delta, and delta (|d| - delta / 2) elsewhere.
 *
 * Shapes and errors as `meanSquaredError`; `ArgumentError` unless delta > 0.
 *
 * Source: Huber 1964, "Robust Estimation of a Location Parameter".
 *
 * @example
 * huberLoss(Tensor.from([1, 9]), Tensor.from([0, 0]), { delta: 2, reduction: 'none' }).toArray(); // [0.5, 16]
 */
export function huberLoss(x: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  checkOptions('huberLoss', options, ['delta', 'reduction']);
  const { delta = 1, reduction = 'mean' } = options;
  checkReduction('huberLoss', reduction);
  checkTarget('huberLoss', x, target);
  checkNumber('huberLoss', 'delta', delta);
  if (!(delta > 0)) throw new ArgumentError(`huberLoss: delta is ${delta}, but must be a number > 0.`);
  const g = Object.freeze({ classes: 1, delta });
  const losses = Tensor.empty('huberLoss', x.shape);
  lossKernels.huber(losses.data, x.data, target.data, g);

  record('huberLoss', [x, target], losses, (dLosses, [dx, dTarget]) => {
    if (dx) lossKernels.huberBackward(dx.data, dLosses.data, x.data, target.data, g);
    // The loss is even in d: seen from the target, the two change places.
    if (dTarget) lossKernels.huberBackward(dTarget.data, dLosses.data, target.data, x.data, g);
  });
  return reduceLoss('huberLoss', losses, reduction);
}
