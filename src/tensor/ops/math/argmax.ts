import { normalizeAxis, sizeOf } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { expectNonEmptyAxes } from './reduction.js';

/**
 * The index of the largest value along an axis, the first where several share it; NaN counts as the largest.
 *
 * Shapes: x [N, K] -> N indices; in general the row-major order of x's shape without `axis`. Not differentiable.
 *
 * Throws `ShapeError` when x lacks the axis, or it is empty.
 *
 * @example
 * argmax(Tensor.from([[1, 5, 2], [9, 0, 3]])); // Int32Array [1, 0]
 */
export function argmax(x: Tensor, axis = -1): Int32Array {
  checkTensor('argmax', 'x', x);
  const along = normalizeAxis('argmax', axis, x.shape.length);
  expectNonEmptyAxes('argmax', x.shape, [along]);
  const length = x.shape[along];
  const inner = sizeOf(x.shape.slice(along + 1));
  const data = x.data;
  const indices = new Int32Array(x.size / length);
  for (let o = 0; o < indices.length; o++) {
    const first = Math.floor(o / inner) * length * inner + (o % inner);
    let best = 0;
    for (let k = 1; k < length; k++) {
      const largest = data[first + best * inner];
      if (Number.isNaN(largest)) break;
      if (!(data[first + k * inner] <= largest)) best = k;
    }
    indices[o] = best;
  }
  return indices;
}
