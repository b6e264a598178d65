import { normalizeAxis } from '../../../base/shape.js';
import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { softmaxGeometry } from './softmax.js';

/**
 * The logarithm of `softmax`: y[k] = x[k] - log(sum over j of exp(x[j])).
 *
 * Shapes and errors as `softmax`.
 *
 * Numerics: finite where softmax underflows to 0 and its logarithm would be -Infinity.
 *
 * @example
 * logSoftmax(Tensor.from([1000, 0])).toArray(); // [0, -1000]
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkTensor('logSoftmax', 'x', x);
  const g = softmaxGeometry('logSoftmax', x.shape, axis);
  const y = Tensor.empty('logSoftmax', x.shape);
  activationKernels.logSoftmax(y.data, x.data, g);

  record(
    'logSoftmax',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) activationKernels.logSoftmaxBackward(dx.data, dy.data, y.data, g);
    },
    { attributes: { axis: normalizeAxis('logSoftmax', axis, x.shape.length) } },
  );
  return y;
}
