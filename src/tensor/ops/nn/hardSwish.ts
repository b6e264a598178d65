import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * y = x * min(max(x + 3, 0), 6) / 6: `silu` with the sigmoid drawn in three straight lines.
 *
 * Source: Howard et al. 2019, "Searching for MobileNetV3" (arXiv:1905.02244), section 5.2.
 *
 * @example
 * hardSwish(Tensor.from([-4, 3, 5])).toArray(); // [0, 3, 5]
 */
export function hardSwish(x: Tensor): Tensor {
  checkTensor('hardSwish', 'x', x);
  const y = Tensor.empty('hardSwish', x.shape);
  activationKernels.hardSwish(y.data, x.data);

  record('hardSwish', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.hardSwishBackward(dx.data, dy.data, x.data);
  });
  return y;
}
