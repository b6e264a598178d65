import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { operands } from './broadcast.js';

/** a - b, elementwise, with the broadcasting of `add`. */
export function sub(a: Tensor | number, b: Tensor | number): Tensor {
  const { x, z, y, g } = operands('sub', a, b);
  arithmeticKernels.sub(y.floats, x.floats, z.floats, g);
  record('sub', [x, z], y, (dy, [da, db]) => {
    if (da) arithmeticKernels.addBackward(da.floats, dy.floats, 1, g, 'a');
    if (db) arithmeticKernels.addBackward(db.floats, dy.floats, -1, g, 'b');
  });
  return y;
}
