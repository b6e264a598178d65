import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { type ReduceOptions, reducedAxes, reducedShape, reduceGeometry } from './reduction.js';

/**
 * The sum over the given axes, or over all of them.
 *
 * Shapes: x [8, 3, 4] over axis 1 -> [8, 4], with keepDims [8, 1, 4]; without axes -> [].
 *
 * Throws `ShapeError` for an axis that x does not have, `ArgumentError` for one named twice.
 *
 * Numerics: accumulated in doubles and rounded once.
 *
 * @example
 * sum(Tensor.ones([8, 3, 4]), [1, 2]).shape; // [8]
 */
export function sum(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return scaledSum('sum', x, axes, options, () => 1);
}

/** `scaleFor` gets the number of summands and tells what their sum is multiplied by. */
export function scaledSum(
  op: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions,
  scaleFor: (count: number) => number,
): Tensor {
  checkTensor(op, 'x', x);
  checkOptionsObject(op, options, '{ keepDims: true }');
  const { keepDims = false } = options;
  const over = reducedAxes(op, axes, x.shape);
  const count = over.reduce((product, axis) => product * x.shape[axis], 1);
  const g = reduceGeometry(x.shape, over, scaleFor(count));
  const y = Tensor.empty(op, reducedShape(x.shape, over, keepDims));
  arithmeticKernels.sum(y.data, x.data, g);
  record(
    op,
    [x],
    y,
    (dy, [dx]) => {
      if (dx) arithmeticKernels.sumBackward(dx.data, dy.data, g);
    },
    { attributes: { axes: over, keepDims } },
  );
  return y;
}
