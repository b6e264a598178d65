import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** The square root: NaN below 0. Its derivative at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  checkTensor('sqrt', 'x', x);
  const y = Tensor.empty('sqrt', x.shape);
  arithmeticKernels.sqrt(y.data, x.data);
  record('sqrt', [x], y, (dy, [dx]) => {
    if (dx) arithmeticKernels.sqrtBackward(dx.data, dy.data, y.data);
  });
  return y;
}
