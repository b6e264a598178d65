import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * y = x * sigmoid(x), also called swish.
 *
 * Source: Elfwing, Uchibe and Doya 2018 (arXiv:1702.03118); Ramachandran, Zoph and Le 2017 (arXiv:1710.05941).
 *
 * @example
 * silu(Tensor.from([0])).toArray(); // [0]
 */
export function silu(x: Tensor): Tensor {
  checkTensor('silu', 'x', x);
  const y = Tensor.empty('silu', x.shape);
  activationKernels.silu(y.data, x.data);

  record('silu', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.siluBackward(dx.data, dy.data, x.data);
  });
  return y;
}
