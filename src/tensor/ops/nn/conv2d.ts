import { ShapeError } from '../../../base/errors.js';
import { expectRank, formatShape } from '../../../base/shape.js';
import { convolutionKernels } from '../../../kernels/families/convolution.js';
import { type Conv2dOptions, conv2dGeometry } from '../../../kernels/geometry.js';
import { workspace } from '../../../memory/memory.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor, optionalTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * Convolves a batch of images with a bank of filters.
 *
 * y[n,o,p,q] = b[o] + sum over i,r,s of x[n, i, p*stride + r*dilation - padTop, q*stride + s*dilation - padLeft] * w[o,i,r,s]
 *
 * Shapes: x [N, C, H, W], w [O, C/groups, R, S], b [O] or null -> y [N, O, P, Q]; P and Q by `conv2dOutputSize`.
 *
 * Throws `ShapeError` when channels, groups or the window do not fit, `ArgumentError` for a stride, dilation, padding or
 * groups that is not a whole number in range.
 *
 * Source: LeCun et al. 1989; the arithmetic of sizes in Dumoulin and Visin 2016 (arXiv:1603.07285).
 *
 * @example
 * conv2d(Tensor.zeros([8, 3, 32, 32]), Tensor.zeros([16, 3, 3, 3]), null, { padding: 1 }).shape; // [8, 16, 32, 32]
 */
export function conv2d(x: Tensor, w: Tensor, b?: Tensor | null, options: Conv2dOptions = {}): Tensor {
  checkTensor('conv2d', 'x', x);
  checkTensor('conv2d', 'w', w);
  expectRank('conv2d', 'x', x.shape, '[N, C, H, W]');
  expectRank('conv2d', 'w', w.shape, '[O, C/groups, R, S]');
  const bias = optionalTensor('conv2d', 'b', b);
  checkOptionsObject('conv2d', options, '{ stride: 2, padding: 1 }');
  const g = conv2dGeometry('conv2d', x.shape, w.shape, options);
  checkBias('conv2d', bias, g.outChannels);

  const y = Tensor.empty('conv2d', [g.batch, g.outChannels, g.outHeight, g.outWidth]);
  const scratch = workspace(convolutionKernels.conv2dWorkspace('forward', g), 'conv2d');
  convolutionKernels.conv2d(y.floats, x.floats, w.floats, bias && bias.floats, g, scratch);

  record(
    'conv2d',
    bias ? [x, w, bias] : [x, w],
    y,
    (dy, [dx, dw, db]) => {
      if (dx) {
        const scratch = workspace(convolutionKernels.conv2dWorkspace('backwardInput', g), 'conv2d backward');
        convolutionKernels.conv2dBackwardInput(dx.floats, dy.floats, w.floats, g, scratch);
      }
      if (dw) {
        const scratch = workspace(convolutionKernels.conv2dWorkspace('backwardWeight', g), 'conv2d backward');
        convolutionKernels.conv2dBackwardWeight(dw.floats, dy.floats, x.floats, g, scratch);
      }
      if (db) convolutionKernels.conv2dBackwardBias(db.floats, dy.floats, g);
    },
    { attributes: g },
  );
  return y;
}

/** A bias of shape [channels], or none. */
export function checkBias(op: string, b: Tensor | null, channels: number): void {
  if (b !== null && (b.shape.length !== 1 || b.shape[0] !== channels)) {
    throw new ShapeError(
      `${op}: b has shape ${formatShape(b.shape)}, but needs [${channels}], one for each output channel.`,
    );
  }
}
