import { poolingKernels } from '../../../kernels/families/pooling.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { adaptivePool2dGeometry } from './adaptiveAvgPool2d.js';
import { expectImages } from './images.js';

/**
 * The largest value of each channel of each image. NaN wins; the gradient goes to the first of equals in row-major order.
 *
 * Shapes: x [N, C, H, W] -> y [N, C]
 *
 * Throws `ShapeError` for an image without pixels.
 *
 * @example
 * globalMaxPool2d(Tensor.zeros([8, 64, 8, 8])).shape; // [8, 64]
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  checkTensor('globalMaxPool2d', 'x', x);
  expectImages('globalMaxPool2d', x.shape);
  const g = adaptivePool2dGeometry('globalMaxPool2d', x.shape, 1);
  const y = Tensor.empty('globalMaxPool2d', [x.shape[0], x.shape[1]]);
  poolingKernels.adaptiveMaxPool2d(y.data, x.data, g);

  record('globalMaxPool2d', [x], y, (dy, [dx]) => {
    if (dx) poolingKernels.adaptiveMaxPool2dBackward(dx.data, dy.data, x.data, g);
  });
  return y;
}
