import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';
import { operands } from './broadcast.js';

/**
 * a + b, elementwise. Shapes broadcast as in NumPy: aligned at the last axis, an axis of 1 stretches to the other's.
 *
 * Shapes: [8, 16, 32, 32] and [16, 1, 1] -> [8, 16, 32, 32]; a number fits every shape.
 *
 * Throws `ShapeError` when the shapes do not broadcast, `ArgumentError` when both operands are numbers.
 *
 * @example
 * add(Tensor.zeros([8, 3]), Tensor.ones([3])).shape; // [8, 3]
 */
export function add(a: Tensor | number, b: Tensor | number): Tensor {
  const { x, z, y, g } = operands('add', a, b);
  arithmeticKernels.add(y.floats, x.floats, z.floats, g);
  record(
    'add',
    [x, z],
    y,
    (dy, [da, db]) => {
      if (da) arithmeticKernels.addBackward(da.floats, dy.floats, 1, g, 'a');
      if (db) arithmeticKernels.addBackward(db.floats, dy.floats, 1, g, 'b');
    },
    // The tape shares dy only with an operand of y's own size.
    { passThrough: true },
  );
  return y;
}
