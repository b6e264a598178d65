import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * y = min(max(x, 0), 6): a rectifier with a ceiling, which keeps activations in the range of low-precision numbers.
 *
 * Source: Krizhevsky 2010, "Convolutional Deep Belief Networks on CIFAR-10"; used by MobileNetV2.
 *
 * @example
 * relu6(Tensor.from([-1, 2, 9])).toArray(); // [0, 2, 6]
 */
export function relu6(x: Tensor): Tensor {
  checkTensor('relu6', 'x', x);
  const y = Tensor.empty('relu6', x.shape);
  activationKernels.relu6(y.data, x.data);

  record('relu6', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.relu6Backward(dx.data, dy.data, y.data);
  });
  return y;
}
