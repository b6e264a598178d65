import { checkWhole } from '../../../base/check.js';
import { ShapeError } from '../../../base/errors.js';
import { formatShape, sizeOf } from '../../../base/shape.js';
import { normalizationKernels } from '../../../kernels/families/normalization.js';
import { checkTensor } from '../../checkTensor.js';
import { Tensor } from '../../tensor.js';
import { type AffineOptions, checkAffine, recordAffine } from '../math/affine.js';

/**
 * Gives each group of channels of each image mean 0 and variance 1, then each channel a learned scale and shift. It does the same in
 * training and evaluation, and whatever the size of the batch.
 *
 * y = (x - mean[n,group]) / sqrt(variance[n,group] + eps) * weight[c] + bias[c]
 *
 * One group normalizes an image as a whole; as many groups as channels is instance normalization.
 *
 * Shapes: x [N, C, ...], weight and bias [C] -> y as x
 *
 * Throws `ShapeError` when groups does not divide C, or weight or bias does not fit; `ArgumentError` for groups that is not a
 * whole number >= 1.
 *
 * Numerics: sums in doubles, the variance in a second pass around the mean.
 *
 * Source: Wu and He 2018 (arXiv:1803.08494), equations 1 to 7.
 *
 * @example
 * groupNorm(Tensor.zeros([2, 32, 8, 8]), 4).shape; // [2, 32, 8, 8]
 */
export function groupNorm(x: Tensor, groups: number, options: AffineOptions = {}): Tensor {
  checkTensor('groupNorm', 'x', x);
  if (x.shape.length < 2) {
    throw new ShapeError(`groupNorm: x has shape ${formatShape(x.shape)}, but needs at least 2 axes, [N, C, ...].`);
  }
  const [batch, channels] = x.shape;
  checkWhole('groupNorm', 'groups', groups, 1);
  if (channels % groups !== 0) {
    throw new ShapeError(
      `groupNorm: groups=${groups} must divide the ${channels} channels of x ${formatShape(x.shape)}.`,
    );
  }
  const affine = checkAffine('groupNorm', options, [channels], 'channel of x');
  const { weight, bias, eps } = affine;
  const g = Object.freeze({ batch, channels, spatial: sizeOf(x.shape.slice(2)), eps, groups });

  const y = Tensor.empty('groupNorm', x.shape);
  const mean = Tensor.empty('groupNorm', [batch, groups]);
  const invStd = Tensor.empty('groupNorm', [batch, groups]);
  normalizationKernels.groupNorm(
    y.floats,
    mean.floats,
    invStd.floats,
    x.floats,
    weight && weight.floats,
    bias && bias.floats,
    g,
  );

  recordAffine(
    'groupNorm',
    x,
    affine,
    y,
    [mean, invStd],
    (dy, dx, dWeight, dBias) => {
      // Images without pixels have no statistics.
      if (x.size === 0) return;
      normalizationKernels.groupNormBackward(
        dx && dx.floats,
        dWeight && dWeight.floats,
        dBias && dBias.floats,
        dy.floats,
        x.floats,
        mean.floats,
        invStd.floats,
        weight && weight.floats,
        g,
      );
    },
    { attributes: { groups } },
  );
  return y;
}
