import { ShapeError } from '../../../base/errors.js';
import { formatShape, sameShape } from '../../../base/shape.js';
import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * The end of a residual block: y = max(a + b, 0), elementwise and in one pass. Its gradient at 0 is taken as 0.
 *
 * Shapes: a and b of one shape -> the same
 *
 * Throws `ShapeError` when the shapes differ: use `relu(add(a, b))` where one is to be broadcast.
 *
 * Source: He et al. 2015 (arXiv:1512.03385), figure 2.
 *
 * @example
 * addRelu(Tensor.from([1, -5]), Tensor.from([2, 3])).toArray(); // [3, 0]
 */
export function addRelu(a: Tensor, b: Tensor): Tensor {
  checkTensor('addRelu', 'a', a);
  checkTensor('addRelu', 'b', b);
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `addRelu: a has shape ${formatShape(a.shape)}, but b has ${formatShape(b.shape)}. They must be equal; relu(add(a, b)) broadcasts.`,
    );
  }
  const y = Tensor.empty('addRelu', a.shape);
  activationKernels.addRelu(y.data, a.data, b.data);

  record(
    'addRelu',
    [a, b],
    y,
    (dy, [da, db]) => activationKernels.addReluBackward(da && da.data, db && db.data, dy.data, y.data),
    { inPlace: a === b ? 0 : 2 },
  );
  return y;
}
