import { type Pair, pair } from '../../../base/check.js';
import type { Shape } from '../../../base/shape.js';
import type { AdaptivePool2dGeometry } from '../../../kernels/contracts/pooling.js';
import { poolingKernels } from '../../../kernels/families/pooling.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { expectImages } from './images.js';

/**
 * The averages of P x Q windows that cover the image, whatever its size: so a classifier takes images of any size.
 *
 * Output p covers rows floor(p H / P) to ceil((p+1) H / P) - 1, columns alike: equal windows where P divides H, else of
 * nearly equal size, overlapping by one row. 7 rows into 3: 0-2, 2-4, 4-6.
 *
 * Shapes: x [N, C, H, W] -> y [N, C, P, Q], outputSize = [P, Q] or one number for both.
 *
 * Throws `ArgumentError` for an output size that is not a whole number >= 1, `ShapeError` for an image without pixels.
 *
 * Source: the windows are PyTorch's.
 *
 * @example
 * adaptiveAvgPool2d(Tensor.zeros([8, 512, 7, 9]), [1, 1]).shape; // [8, 512, 1, 1]
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: Pair): Tensor {
  checkTensor('adaptiveAvgPool2d', 'x', x);
  expectImages('adaptiveAvgPool2d', x.shape);
  const g = adaptivePool2dGeometry('adaptiveAvgPool2d', x.shape, outputSize);
  const y = Tensor.empty('adaptiveAvgPool2d', [x.shape[0], x.shape[1], g.outHeight, g.outWidth]);
  poolingKernels.adaptiveAvgPool2d(y.data, x.data, g);

  record(
    'adaptiveAvgPool2d',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) poolingKernels.adaptiveAvgPool2dBackward(dx.data, dy.data, g);
    },
    { attributes: g },
  );
  return y;
}

export function adaptivePool2dGeometry(op: string, x: Shape, outputSize: Pair): AdaptivePool2dGeometry {
  const [batch, channels, inHeight, inWidth] = x;
  const [outHeight, outWidth] = pair(op, 'outputSize', outputSize, 1);
  return Object.freeze({ planes: batch * channels, inHeight, inWidth, outHeight, outWidth });
}
