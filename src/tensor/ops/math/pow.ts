import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { operands } from './broadcast.js';

/**
 * a to the power of b, elementwise, with the broadcasting of `add`. A negative base with a fractional exponent gives NaN.
 *
 * dy/da = b a^(b-1), and 0 where b = 0; dy/db = a^b log(a), and 0 where a = 0.
 */
export function pow(a: Tensor | number, b: Tensor | number): Tensor {
  const { x, z, y, g } = operands('pow', a, b);
  arithmeticKernels.pow(y.floats, x.floats, z.floats, g);
  record('pow', [x, z], y, (dy, [da, db]) => {
    if (da) arithmeticKernels.powBackward(da.floats, dy.floats, x.floats, z.floats, g, 'a');
    if (db) arithmeticKernels.powBackward(db.floats, dy.floats, x.floats, z.floats, g, 'b');
  });
  return y;
}
