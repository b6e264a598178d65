import { expectRank } from '../../../base/shape.js';
import { arithmeticKernels } from '../../../kernels/families/arithmetic.js';
import { convolutionKernels } from '../../../kernels/families/convolution.js';
import { movementKernels } from '../../../kernels/families/movement.js';
import { type ConvTranspose2dOptions, conv2dGeometry, convTranspose2dGeometry } from '../../../kernels/geometry.js';
import { workspace } from '../../../memory/memory.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor, optionalTensor } from '../../checkTensor.js';
import { runHostKernel } from '../../hostKernel.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { checkBias } from './conv2d.js';

export type { ConvTranspose2dOptions } from '../../../kernels/geometry.js';

/**
 * The transpose of a convolution: every input pixel stamps the filters, times its value, into a larger output, and stamps that
 * overlap add up.
 *
 * y[n, o, p*stride + r*dilation - padTop, q*stride + s*dilation - padLeft] += x[n,c,p,q] * w[c,o,r,s], y beginning as b[o]
 *
 * It is what `conv2d` does to its input's gradient, so the same three kernels compute it with their roles exchanged: the
 * forward pass is conv2d's input gradient, the input gradient is conv2d, the weight gradient is conv2d's with x as dy.
 *
 * Shapes: x [N, C, H, W], w [C, O/groups, R, S], b [O] or null -> y [N, O, P, Q]; P and Q by `convTranspose2dOutputSize`.
 *
 * Throws `ShapeError` when channels or groups do not fit or padding cuts everything away, `ArgumentError` for an option that
 * is not a whole number in range.
 *
 * Source: Zeiler et al. 2010 ("Deconvolutional networks"); Dumoulin and Visin 2016 (arXiv:1603.07285), section 4.
 *
 * @example
 * convTranspose2d(Tensor.zeros([8, 16, 7, 7]), Tensor.zeros([16, 4, 2, 2]), null, { stride: 2 }).shape; // [8, 4, 14, 14]
 */
export function convTranspose2d(x: Tensor, w: Tensor, b?: Tensor | null, options: ConvTranspose2dOptions = {}): Tensor {
  checkTensor('convTranspose2d', 'x', x);
  checkTensor('convTranspose2d', 'w', w);
  expectRank('convTranspose2d', 'x', x.shape, '[N, C, H, W]');
  expectRank('convTranspose2d', 'w', w.shape, '[C, O/groups, R, S]');
  const bias = optionalTensor('convTranspose2d', 'b', b);
  checkOptionsObject('convTranspose2d', options, '{ stride: 2 }');
  const g = convTranspose2dGeometry('convTranspose2d', x.shape, w.shape, options);
  checkBias('convTranspose2d', bias, g.inChannels);

  const y = Tensor.empty('convTranspose2d', [g.batch, g.inChannels, g.inHeight, g.inWidth]);
  const scratch = workspace(convolutionKernels.conv2dWorkspace('backwardInput', g), 'convTranspose2d');
  // The kernel adds, so y begins as what it adds to: the bias, or zeros.
  const plane = g.inHeight * g.inWidth;
  const yStrides = Int32Array.of(g.inChannels * plane, plane, 1);
  const shape = Int32Array.of(g.batch, g.inChannels, plane);
  const spread = { shape, xOffset: 0, xStrides: Int32Array.of(0, 1, 0), yOffset: 0, yStrides };
  if (bias) movementKernels.stridedCopy(y.floats, bias.floats, spread);
  else runHostKernel('zeros', [y], [], ([zeros]) => zeros.fill(0));
  convolutionKernels.conv2dBackwardInput(y.floats, x.floats, w.floats, g, scratch);

  record(
    'convTranspose2d',
    bias ? [x, w, bias] : [x, w],
    y,
    (dy, [dx, dw, db]) => {
      if (dx) {
        // conv2d overwrites where a gradient must be added.
        const share = Tensor.empty('convTranspose2d backward', x.shape);
        const scratch = workspace(convolutionKernels.conv2dWorkspace('forward', g), 'convTranspose2d backward');
        convolutionKernels.conv2d(share.floats, dy.floats, w.floats, null, g, scratch);
        arithmeticKernels.accumulate(dx.floats, share.floats);
        share.dispose();
      }
      if (dw) {
        const scratch = workspace(convolutionKernels.conv2dWorkspace('backwardWeight', g), 'convTranspose2d backward');
        convolutionKernels.conv2dBackwardWeight(dw.floats, x.floats, dy.floats, g, scratch);
      }
      // dy is the input of the convolution g; the sum over each of its channels is that of a 1x1 convolution's output.
      if (db) {
        const output = conv2dGeometry('convTranspose2d', y.shape, [g.inChannels, g.inChannels, 1, 1], {});
        convolutionKernels.conv2dBackwardBias(db.floats, dy.floats, output);
      }
    },
    { attributes: g },
  );
  return y;
}
