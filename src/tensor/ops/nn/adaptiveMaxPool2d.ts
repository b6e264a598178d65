import type { Pair } from '../../../base/check.js';
import { poolingKernels } from '../../../kernels/families/pooling.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { adaptivePool2dGeometry } from './adaptiveAvgPool2d.js';
import { expectImages } from './images.js';

/**
 * The largest values of P x Q windows that cover the image, whatever its size. The windows are those of `adaptiveAvgPool2d`; NaN
 * wins, and the gradient goes to the first of equals in row-major order.
 *
 * Shapes: x [N, C, H, W] -> y [N, C, P, Q], outputSize = [P, Q] or one number for both.
 *
 * Throws as `adaptiveAvgPool2d`.
 *
 * @example
 * adaptiveMaxPool2d(Tensor.zeros([8, 512, 7, 9]), 2).shape; // [8, 512, 2, 2]
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: Pair): Tensor {
  checkTensor('adaptiveMaxPool2d', 'x', x);
  expectImages('adaptiveMaxPool2d', x.shape);
  const g = adaptivePool2dGeometry('adaptiveMaxPool2d', x.shape, outputSize);
  const y = Tensor.empty('adaptiveMaxPool2d', [x.shape[0], x.shape[1], g.outHeight, g.outWidth]);
  poolingKernels.adaptiveMaxPool2d(y.data, x.data, g);

  record(
    'adaptiveMaxPool2d',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) poolingKernels.adaptiveMaxPool2dBackward(dx.data, dy.data, x.data, g);
    },
    { attributes: g },
  );
  return y;
}
