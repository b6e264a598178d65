import { activationKernels } from '../../../kernels/families/activations.js';
import { checkNumber } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * The exponential linear unit: y = x where x > 0, and alpha (exp(x) - 1) elsewhere.
 *
 * Source: Clevert, Unterthiner and Hochreiter 2016 (arXiv:1511.07289), equation 15.
 *
 * @example
 * elu(Tensor.from([0, 2])).toArray(); // [0, 2]
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkTensor('elu', 'x', x);
  checkNumber('elu', 'alpha', alpha);
  const y = Tensor.empty('elu', x.shape);
  activationKernels.elu(y.data, x.data, alpha);

  record(
    'elu',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) activationKernels.eluBackward(dx.data, dy.data, x.data, alpha);
    },
    { attributes: { alpha } },
  );
  return y;
}
