import { normalizeAxis, sizeOf } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { view } from './view.js';

/**
 * Merges all axes from `startAxis` on into one.
 *
 * Shapes: x [N, C, H, W] -> [N, C * H * W]; with startAxis 0 -> [N * C * H * W].
 */
export function flatten(x: Tensor, startAxis = 1): Tensor {
  checkTensor('flatten', 'x', x);
  const start = startAxis === 0 ? 0 : normalizeAxis('flatten', startAxis, x.shape.length);
  return view('flatten', x, [...x.shape.slice(0, start), sizeOf(x.shape.slice(start))]);
}
