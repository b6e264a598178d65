import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** -x */
export function neg(x: Tensor): Tensor {
  checkTensor('neg', 'x', x);
  const y = Tensor.empty('neg', x.shape);
  arithmeticKernels.scale(y.data, x.data, -1);
  record('neg', [x], y, (dy, [dx]) => {
    if (dx) arithmeticKernels.scaleBackward(dx.data, dy.data, -1);
  });
  return y;
}
