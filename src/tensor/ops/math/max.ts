import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { neg } from './neg.js';
import { expectNonEmptyAxes, type ReduceOptions, reducedAxes, reducedShape, reduceGeometry } from './reduction.js';

/**
 * The largest value over the given axes, or over all of them; NaN wins. Elements that share the maximum share its
 * gradient evenly.
 *
 * Throws as `sum`, and `ShapeError` when a reduced axis is empty.
 *
 * @example
 * max(Tensor.from([[1, 5], [7, 2]]), 1).toArray(); // [5, 7]
 */
export function max(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return maximum('max', x, axes, options);
}

/** The smallest value over the given axes, or over all of them: -max(-x). */
export function min(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  checkTensor('min', 'x', x);
  return neg(maximum('min', neg(x), axes, options));
}

function maximum(op: string, x: Tensor, axes: number | readonly number[] | undefined, options: ReduceOptions): Tensor {
  checkTensor(op, 'x', x);
  checkOptionsObject(op, options, '{ keepDims: true }');
  const { keepDims = false } = options;
  const over = reducedAxes(op, axes, x.shape);
  expectNonEmptyAxes(op, x.shape, over);
  const g = reduceGeometry(x.shape, over, 1);
  const y = Tensor.empty(op, reducedShape(x.shape, over, keepDims));
  arithmeticKernels.max(y.data, x.data, g);
  record(
    op,
    [x],
    y,
    (dy, [dx]) => {
      if (dx) arithmeticKernels.maxBackward(dx.data, dy.data, x.data, y.data, g);
    },
    { attributes: { axes: over, keepDims } },
  );
  return y;
}
