import { poolingKernels } from '../../../kernels/families/pooling.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { adaptivePool2dGeometry } from './adaptiveAvgPool2d.js';
import { expectImages } from './images.js';

/**
 * The average of each channel of each image: what stands between the last convolution of a network and its classifier.
 *
 * y[n,c] = 1 / (H W) * sum over h,w of x[n,c,h,w]
 *
 * Shapes: x [N, C, H, W] -> y [N, C]
 *
 * Throws `ShapeError` for an image without pixels.
 *
 * Source: Lin, Chen and Yan 2013 (arXiv:1312.4400), section 3.2.
 *
 * @example
 * globalAvgPool2d(Tensor.zeros([8, 64, 8, 8])).shape; // [8, 64]
 */
export function globalAvgPool2d(x: Tensor): Tensor {
  checkTensor('globalAvgPool2d', 'x', x);
  expectImages('globalAvgPool2d', x.shape);
  const g = adaptivePool2dGeometry('globalAvgPool2d', x.shape, 1);
  const y = Tensor.empty('globalAvgPool2d', [x.shape[0], x.shape[1]]);
  poolingKernels.adaptiveAvgPool2d(y.data, x.data, g);

  record('globalAvgPool2d', [x], y, (dy, [dx]) => {
    if (dx) poolingKernels.adaptiveAvgPool2dBackward(dx.data, dy.data, g);
  });
  return y;
}
