import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** |x|, with derivative 0 at 0. */
export function abs(x: Tensor): Tensor {
  checkTensor('abs', 'x', x);
  const y = Tensor.empty('abs', x.shape);
  arithmeticKernels.abs(y.data, x.data);
  record('abs', [x], y, (dy, [dx]) => {
    if (dx) arithmeticKernels.absBackward(dx.data, dy.data, x.data);
  });
  return y;
}
