import { normalizeAxis } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { reorder } from './permute.js';

/** Exchanges two axes: the transpose of a matrix is `transpose(x, 0, 1)`. */
export function transpose(x: Tensor, axisA: number, axisB: number): Tensor {
  checkTensor('transpose', 'x', x);
  const a = normalizeAxis('transpose', axisA, x.shape.length);
  const b = normalizeAxis('transpose', axisB, x.shape.length);
  const order = x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return reorder('transpose', x, order);
}
