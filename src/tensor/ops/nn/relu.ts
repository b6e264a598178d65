import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * The rectifier: y = max(x, 0), of any shape. Its gradient at 0 is taken as 0.
 *
 * Source: Nair and Hinton 2010, "Rectified Linear Units Improve Restricted Boltzmann Machines".
 *
 * @example
 * relu(Tensor.from([-1, 0, 2])).toArray(); // [0, 0, 2]
 */
export function relu(x: Tensor): Tensor {
  checkTensor('relu', 'x', x);
  const y = Tensor.empty('relu', x.shape);
  activationKernels.relu(y.data, x.data);

  record('relu', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.reluBackward(dx.data, dy.data, y.data);
  });
  return y;
}
