import { expectRank } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { type DropoutOptions, dropUnits } from './dropout.js';

/**
 * Drops whole channels of a batch of images: neighboring pixels tell nearly the same, so dropping single ones removes
 * little.
 *
 * Shapes: x [N, C, H, W] -> y of the same shape. Options and errors as `dropout`.
 *
 * Source: Tompson et al. 2015, "Efficient Object Localization Using Convolutional Networks" (arXiv:1411.4280), section 3.2.
 */
export function dropout2d(x: Tensor, options: DropoutOptions): Tensor {
  checkTensor('dropout2d', 'x', x);
  expectRank('dropout2d', 'x', x.shape, '[N, C, H, W]');
  return dropUnits('dropout2d', x, options, x.shape[2] * x.shape[3]);
}
