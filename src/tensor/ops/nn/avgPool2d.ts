import { poolingKernels } from '../../../kernels/families/pooling.js';
import { type Pool2dOptions, pool2dGeometry } from '../../../kernels/geometry.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { expectImages } from './images.js';

/**
 * The average of each window.
 *
 * y[n,c,p,q] = 1/D * sum over r,s of x[n, c, p*stride + r - padTop, q*stride + s - padLeft], the padding being zeros.
 *
 * D is the number of cells in the window: with `countIncludePad` (the default) those in the padding count, without only
 * those in the image. What `ceilMode` adds beyond the padding never counts.
 *
 * Shapes: x [N, C, H, W] -> y [N, C, P, Q]; P and Q by `pool2dOutputSize`. The stride is the kernel size unless given.
 *
 * Throws as `maxPool2d`.
 *
 * @example
 * avgPool2d(Tensor.zeros([8, 16, 13, 13]), { kernelSize: 2, ceilMode: true }).shape; // [8, 16, 7, 7]
 */
export function avgPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  checkTensor('avgPool2d', 'x', x);
  checkOptionsObject('avgPool2d', options, '{ kernelSize: 2 }');
  expectImages('avgPool2d', x.shape);
  const g = pool2dGeometry('avgPool2d', x.shape, options);
  const y = Tensor.empty('avgPool2d', [x.shape[0], x.shape[1], g.outHeight, g.outWidth]);
  poolingKernels.avgPool2d(y.data, x.data, g);

  record(
    'avgPool2d',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) poolingKernels.avgPool2dBackward(dx.data, dy.data, g);
    },
    { attributes: g },
  );
  return y;
}
