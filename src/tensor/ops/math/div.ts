import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { operands } from './broadcast.js';

/** a / b, elementwise, with the broadcasting of `add`. Division by 0 gives an infinity, 0 / 0 gives NaN. */
export function div(a: Tensor | number, b: Tensor | number): Tensor {
  const { x, z, y, g } = operands('div', a, b);
  arithmeticKernels.div(y.floats, x.floats, z.floats, g);
  record('div', [x, z], y, (dy, [da, db]) => {
    if (da) arithmeticKernels.divBackward(da.floats, dy.floats, x.floats, z.floats, g, 'a');
    if (db) arithmeticKernels.divBackward(db.floats, dy.floats, x.floats, z.floats, g, 'b');
  });
  return y;
}
