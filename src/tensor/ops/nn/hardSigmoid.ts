import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * y = min(max(x + 3, 0), 6) / 6: the sigmoid drawn with three straight lines.
 *
 * Source: Howard et al. 2019, "Searching for MobileNetV3" (arXiv:1905.02244), section 5.2.
 *
 * @example
 * hardSigmoid(Tensor.from([-4, 0, 4])).toArray(); // [0, 0.5, 1]
 */
export function hardSigmoid(x: Tensor): Tensor {
  checkTensor('hardSigmoid', 'x', x);
  const y = Tensor.empty('hardSigmoid', x.shape);
  activationKernels.hardSigmoid(y.data, x.data);

  record('hardSigmoid', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.hardSigmoidBackward(dx.data, dy.data, x.data);
  });
  return y;
}
