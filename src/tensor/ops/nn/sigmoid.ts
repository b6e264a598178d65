import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * The logistic function: y = 1 / (1 + exp(-x)), between 0 and 1.
 *
 * As the last layer before a cross-entropy use `binaryCrossEntropyWithLogits` instead, which stays finite for any x.
 *
 * @example
 * sigmoid(Tensor.from([0])).toArray(); // [0.5]
 */
export function sigmoid(x: Tensor): Tensor {
  checkTensor('sigmoid', 'x', x);
  const y = Tensor.empty('sigmoid', x.shape);
  activationKernels.sigmoid(y.data, x.data);

  record('sigmoid', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.sigmoidBackward(dx.data, dy.data, y.data);
  });
  return y;
}
