import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** The natural logarithm: -Infinity at 0, NaN below. */
export function log(x: Tensor): Tensor {
  checkTensor('log', 'x', x);
  const y = Tensor.empty('log', x.shape);
  arithmeticKernels.log(y.data, x.data);
  record('log', [x], y, (dy, [dx]) => {
    if (dx) arithmeticKernels.logBackward(dx.data, dy.data, x.data);
  });
  return y;
}
