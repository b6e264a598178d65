import { checkOptions } from '../../../base/checkOptions.js';
import type { Tensor } from '../../tensor.js';
import { abs } from '../math/abs.js';
import { sub } from '../math/sub.js';
import { checkReduction, checkTarget, type LossOptions, reduceLoss } from './reduceLoss.js';

/**
 * The mean of |x - target|; where they are equal the gradient is 0. Shapes and errors as `meanSquaredError`.
 *
 * @example
 * l1Loss(Tensor.from([1, 5]), Tensor.from([1, 3])).item(); // 1
 */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkOptions('l1Loss', options, ['reduction']);
  const { reduction = 'mean' } = options;
  checkReduction('l1Loss', reduction);
  checkTarget('l1Loss', x, target);
  return reduceLoss('l1Loss', abs(sub(x, target)), reduction);
}
