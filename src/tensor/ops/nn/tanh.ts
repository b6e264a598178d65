import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * The hyperbolic tangent, between -1 and 1.
 *
 * @example
 * tanh(Tensor.from([0])).toArray(); // [0]
 */
export function tanh(x: Tensor): Tensor {
  checkTensor('tanh', 'x', x);
  const y = Tensor.empty('tanh', x.shape);
  activationKernels.tanh(y.data, x.data);

  record('tanh', [x], y, (dy, [dx]) => {
    if (dx) activationKernels.tanhBackward(dx.data, dy.data, y.data);
  });
  return y;
}
