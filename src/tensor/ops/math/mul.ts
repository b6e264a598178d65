import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { operands } from './broadcast.js';

/** a * b, elementwise, with the broadcasting of `add`. */
export function mul(a: Tensor | number, b: Tensor | number): Tensor {
  const { x, z, y, g } = operands('mul', a, b);
  arithmeticKernels.mul(y.data, x.data, z.data, g);
  record('mul', [x, z], y, (dy, [da, db]) => {
    if (da) arithmeticKernels.mulBackward(da.data, dy.data, z.data, g, 'a');
    if (db) arithmeticKernels.mulBackward(db.data, dy.data, x.data, g, 'b');
  });
  return y;
}
