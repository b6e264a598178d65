import { ShapeError } from '../../../base/errors.js';
import { formatShape, normalizeAxis, stridesOf } from '../../../base/shape.js';
import { movementKernels } from '../../../kernels/families/movement.js';
import { checkNumbers } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { reversed, stridedGeometry } from './strided.js';

/**
 * Reorders the axes: axis i of the result is axis `axes[i]` of x.
 *
 * Shapes: x [8, 32, 48, 3] with axes [0, 3, 1, 2] -> [8, 3, 32, 48], images from HWC to CHW.
 *
 * Throws `ShapeError` unless `axes` names every axis of x once.
 */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  checkTensor('permute', 'x', x);
  checkNumbers('permute', 'axes', axes);
  const order = axes.map((axis) => normalizeAxis('permute', axis, x.shape.length));
  if (order.length !== x.shape.length || new Set(order).size !== order.length) {
    throw new ShapeError(
      `permute: axes [${axes.join(', ')}] must name each of the ${x.shape.length} axes of x ${formatShape(x.shape)} once.`,
    );
  }
  return reorder('permute', x, order);
}

/** Axis i of the result is axis `order[i]` of x: known to be a permutation. */
export function reorder(op: string, x: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => x.shape[axis]);
  const strides = stridesOf(x.shape);
  const from = { offset: 0, strides: order.map((axis) => strides[axis]) };
  const g = stridedGeometry(shape, from, { offset: 0, strides: stridesOf(shape) });
  const y = Tensor.empty(op, shape);
  movementKernels.stridedCopy(y.floats, x.floats, g);
  record(
    op,
    [x],
    y,
    (dy, [dx]) => {
      if (dx) movementKernels.stridedAdd(dx.floats, dy.floats, reversed(g));
    },
    { attributes: { order } },
  );
  return y;
}
