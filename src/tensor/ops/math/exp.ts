import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** e to the power of x, elementwise; infinite in float32 from about x = 88.73. */
export function exp(x: Tensor): Tensor {
  checkTensor('exp', 'x', x);
  const y = Tensor.empty('exp', x.shape);
  arithmeticKernels.exp(y.data, x.data);
  record('exp', [x], y, (dy, [dx]) => {
    if (dx) arithmeticKernels.expBackward(dx.data, dy.data, y.data);
  });
  return y;
}
