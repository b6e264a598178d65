import { poolingKernels } from '../../../kernels/families/pooling.js';
import { type Pool2dOptions, pool2dGeometry } from '../../../kernels/geometry.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { expectImages } from './images.js';

/** Options of `maxPool2d`. */
export type MaxPool2dOptions = Omit<Pool2dOptions, 'countIncludePad'>;

/**
 * The largest value of each window.
 *
 * y[n,c,p,q] = max over r,s of x[n, c, p*stride + r - padTop, q*stride + s - padLeft]; the padding takes no part, NaN wins.
 *
 * Shapes: x [N, C, H, W] -> y [N, C, P, Q]; P and Q by `pool2dOutputSize`. The stride is the kernel size unless given.
 *
 * Throws `ShapeError` when the window is larger than the padded image, `ArgumentError` for a kernel size, stride or padding that
 * is not a whole number in range, or a padding of more than half the kernel.
 *
 * Numerics: exact. The gradient goes to one place of each window: the first of equals in row-major order.
 *
 * @example
 * maxPool2d(Tensor.zeros([8, 16, 32, 32]), { kernelSize: 2 }).shape; // [8, 16, 16, 16]
 */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions): Tensor {
  checkTensor('maxPool2d', 'x', x);
  checkOptionsObject('maxPool2d', options, '{ kernelSize: 2 }');
  expectImages('maxPool2d', x.shape);
  const g = pool2dGeometry('maxPool2d', x.shape, options);
  const y = Tensor.empty('maxPool2d', [x.shape[0], x.shape[1], g.outHeight, g.outWidth]);
  poolingKernels.maxPool2d(y.data, x.data, g);

  record(
    'maxPool2d',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) poolingKernels.maxPool2dBackward(dx.data, dy.data, x.data, g);
    },
    { attributes: g },
  );
  return y;
}
