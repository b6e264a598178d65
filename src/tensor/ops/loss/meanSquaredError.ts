import { checkOptions } from '../../../base/checkOptions.js';
import type { Tensor } from '../../tensor.js';
import { square } from '../math/square.js';
import { sub } from '../math/sub.js';
import { checkReduction, checkTarget, type LossOptions, reduceLoss } from './reduceLoss.js';

/**
 * The mean of (x - target)^2.
 *
 * Shapes: x and target alike -> [], or that shape with reduction 'none'. Nothing is broadcast: a target [N] against x [N, 1]
 * would silently compare every pair.
 *
 * Throws `ShapeError` when the shapes differ, and for an empty batch.
 *
 * @example
 * meanSquaredError(Tensor.from([1, 5]), Tensor.from([1, 3])).item(); // 2
 */
export function meanSquaredError(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkOptions('meanSquaredError', options, ['reduction']);
  const { reduction = 'mean' } = options;
  checkReduction('meanSquaredError', reduction);
  checkTarget('meanSquaredError', x, target);
  return reduceLoss('meanSquaredError', square(sub(x, target)), reduction);
}
