import { expectRank } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { type DropoutOptions, dropUnits } from './dropout.js';

/**
 * Drops whole images of a batch: on the residual branch of a block, an image that is dropped skips the block.
 *
 * Shapes: x [N, C, H, W] -> y of the same shape. Options and errors as `dropout`, division by 1 - p included.
 *
 * Source: Huang et al. 2016, "Deep Networks with Stochastic Depth" (arXiv:1603.09382), section 3; there whole batches skip, and
 * evaluation scales instead of training. Per image as in EfficientNet's code.
 */
export function stochasticDepth(x: Tensor, options: DropoutOptions): Tensor {
  checkTensor('stochasticDepth', 'x', x);
  expectRank('stochasticDepth', 'x', x.shape, '[N, C, H, W]');
  return dropUnits('stochasticDepth', x, options, x.shape[1] * x.shape[2] * x.shape[3]);
}
