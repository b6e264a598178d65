import { ShapeError } from '../../../base/errors.js';
import { checkShape, formatShape, type Shape, sizeOf } from '../../../base/shape.js';
import { checkNumbers } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { view } from './view.js';

/**
 * The same numbers in another shape. One axis may be -1: it takes what the others leave.
 *
 * No number is moved: the result shares x's memory, which lives until both are released.
 *
 * Throws `ShapeError` when the sizes differ or -1 stands twice.
 *
 * @example
 * reshape(Tensor.zeros([8, 3, 4, 4]), [8, -1]).shape; // [8, 48]
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor('reshape', 'x', x);
  checkNumbers('reshape', 'shape', shape);
  return view('reshape', x, inferShape(x, shape));
}

function inferShape(x: Tensor, shape: Shape): Shape {
  const unknown = shape.indexOf(-1);
  if (shape.lastIndexOf(-1) !== unknown) {
    throw new ShapeError(`reshape: shape ${formatShape(shape)} has more than one -1; only one axis can be inferred.`);
  }
  const known = checkShape('reshape', unknown < 0 ? shape : shape.toSpliced(unknown, 1));
  const rest = x.size / sizeOf(known);
  if (unknown < 0 ? sizeOf(known) !== x.size : !Number.isInteger(rest)) {
    throw new ShapeError(
      `reshape: x ${formatShape(x.shape)} holds ${x.size} values, which do not fill shape ${formatShape(shape)}.`,
    );
  }
  return unknown < 0 ? known : known.toSpliced(unknown, 0, rest);
}
