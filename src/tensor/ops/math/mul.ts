import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { operands } from './broadcast.js';

/** a * b, elementwise, with the broadcasting of `add`. */
export function mul(a: Tensor | number, b: Tensor | number): Tensor {
  const { x, z, y, g } = operands('mul', a, b);
  arithmeticKernels.mul(y.floats, x.floats, z.floats, g);
  record('mul', [x, z], y, (dy, [da, db]) => {
    if (da) arithmeticKernels.mulBackward(da.floats, dy.floats, z.floats, g, 'a');
    if (db) arithmeticKernels.mulBackward(db.floats, dy.floats, x.floats, g, 'b');
  });
  return y;
}
