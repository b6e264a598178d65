import { activationKernels } from '../../../kernels/families/activations.js';
import { checkNumber } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * y = x where x > 0, and slope * x elsewhere, so that no unit is ever without a gradient.
 *
 * Source: Maas, Hannun and Ng 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models".
 *
 * @example
 * leakyRelu(Tensor.from([-100, 2])).toArray(); // [-1, 2]
 */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  checkTensor('leakyRelu', 'x', x);
  checkNumber('leakyRelu', 'slope', slope);
  const y = Tensor.empty('leakyRelu', x.shape);
  activationKernels.leakyRelu(y.data, x.data, slope);

  record(
    'leakyRelu',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) activationKernels.leakyReluBackward(dx.data, dy.data, x.data, slope);
    },
    { attributes: { slope } },
  );
  return y;
}
