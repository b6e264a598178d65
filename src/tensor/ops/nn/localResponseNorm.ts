import { checkWhole } from '../../../base/check.js';
import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, type Shape, sizeOf } from '../../../base/shape.js';
import type { LocalResponseNormGeometry } from '../../../kernels/contracts/normalization.js';
import { normalizationKernels } from '../../../kernels/families/normalization.js';
import { checkNumber, checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** How many neighboring channels damp each other, the channel itself among them. */
  size: number;
  /** How strongly. Default 1e-4. */
  alpha?: number | undefined;
  /** The exponent. Default 0.75. */
  beta?: number | undefined;
  /** What is there without neighbors. Default 1. */
  k?: number | undefined;
}

/**
 * Damps each channel by the activity of the channels around it, pixel by pixel.
 *
 * y[c] = x[c] / (k + alpha/size * sum of x[j]^2 over c - floor(size/2) <= j <= c + floor((size-1)/2))^beta
 *
 * Shapes: x [N, C, ...] -> y as x
 *
 * Throws `ArgumentError` for a size that is not a whole number >= 1, `ShapeError` when x has no channel axis.
 *
 * Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3. As in PyTorch alpha is divided by size; the paper does not, so its
 * alpha = 1e-4 with size 5 is 5e-4 here, and its k is 2.
 *
 * @example
 * localResponseNorm(Tensor.zeros([8, 96, 27, 27]), { size: 5, alpha: 5e-4, k: 2 }).shape; // [8, 96, 27, 27]
 */
export function localResponseNorm(x: Tensor, options: LocalResponseNormOptions): Tensor {
  checkTensor('localResponseNorm', 'x', x);
  checkOptionsObject('localResponseNorm', options, '{ size: 5 }');
  const g = localResponseNormGeometry(x.shape, options);
  const y = Tensor.empty('localResponseNorm', x.shape);
  normalizationKernels.localResponseNorm(y.data, x.data, g);

  record(
    'localResponseNorm',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) normalizationKernels.localResponseNormBackward(dx.data, dy.data, x.data, g);
    },
    { attributes: g },
  );
  return y;
}

function localResponseNormGeometry(x: Shape, options: LocalResponseNormOptions): LocalResponseNormGeometry {
  const { size, alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (x.length < 2) {
    throw new ShapeError(`localResponseNorm: x has shape ${formatShape(x)}, but needs at least 2 axes, [N, C, ...].`);
  }
  checkWhole('localResponseNorm', 'size', size, 1);
  for (const [name, value] of Object.entries({ alpha, beta, k })) {
    checkNumber('localResponseNorm', name, value);
    if (!Number.isFinite(value)) {
      throw new ArgumentError(`localResponseNorm: ${name} is ${value}, but must be a finite number.`);
    }
  }
  const [batch, channels] = x;
  return Object.freeze({ batch, channels, spatial: sizeOf(x.slice(2)), size, alpha, beta, k });
}
