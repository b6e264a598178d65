import { normalizeAxis, type Shape, sizeOf } from '../../../base/shape.js';
import type { SoftmaxGeometry } from '../../../kernels/contracts/activations.js';
import { activationKernels } from '../../../kernels/families/activations.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * Turns numbers into probabilities along one axis: y[k] = exp(x[k]) / sum over j of exp(x[j]).
 *
 * Shapes: any; y has the shape of x. `axis` counts from the end when negative; the default is the last.
 *
 * Throws `ShapeError` for an axis that x does not have.
 *
 * Numerics: softmax(x) = softmax(x - c) for any c. With c the largest x no exponential exceeds 1, so nothing overflows.
 *
 * @example
 * softmax(Tensor.from([[1, 1], [5, 5]])).toArray(); // [[0.5, 0.5], [0.5, 0.5]]
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkTensor('softmax', 'x', x);
  const g = softmaxGeometry('softmax', x.shape, axis);
  const y = Tensor.empty('softmax', x.shape);
  activationKernels.softmax(y.data, x.data, g);

  record(
    'softmax',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) activationKernels.softmaxBackward(dx.data, dy.data, y.data, g);
    },
    { attributes: { axis: normalizeAxis('softmax', axis, x.shape.length) } },
  );
  return y;
}

/** The shape seen as [outer, axis, inner]. */
export function softmaxGeometry(op: string, shape: Shape, axis: number): SoftmaxGeometry {
  const at = normalizeAxis(op, axis, shape.length);
  return Object.freeze({ outer: sizeOf(shape.slice(0, at)), axis: shape[at], inner: sizeOf(shape.slice(at + 1)) });
}
