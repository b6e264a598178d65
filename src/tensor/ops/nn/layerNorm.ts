import { checkWhole } from '../../../base/check.js';
import { ShapeError } from '../../../base/errors.js';
import { formatShape, type Shape, sameShape, sizeOf } from '../../../base/shape.js';
import { normalizationKernels } from '../../../kernels/families/normalization.js';
import { checkNumbers } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { Tensor } from '../../tensor.js';
import { type AffineOptions, checkAffine, recordAffine } from '../math/affine.js';

/**
 * Gives each row (the last axes, as many as `normalizedShape` has) mean 0 and variance 1, then each of its places a learned
 * scale and shift.
 *
 * y[row,j] = (x[row,j] - mean[row]) / sqrt(variance[row] + eps) * weight[j] + bias[j]
 *
 * Shapes: x [..., ...normalizedShape], weight and bias normalizedShape -> y as x. A number is the size of the last axis.
 *
 * Throws `ShapeError` when x does not end in normalizedShape, or weight or bias does not fit.
 *
 * Numerics: sums in doubles, the variance in a second pass around the mean.
 *
 * Source: Ba, Kiros and Hinton 2016 (arXiv:1607.06450), section 3.
 *
 * @example
 * layerNorm(Tensor.zeros([2, 49, 96]), 96).shape; // [2, 49, 96]
 */
export function layerNorm(x: Tensor, normalizedShape: number | Shape, options: AffineOptions = {}): Tensor {
  checkTensor('layerNorm', 'x', x);
  if (typeof normalizedShape !== 'number') checkNumbers('layerNorm', 'normalizedShape', normalizedShape);
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
  for (const n of shape) checkWhole('layerNorm', 'an axis of normalizedShape', n, 1);
  const outer = x.shape.length - shape.length;
  if (shape.length === 0 || outer < 0 || !sameShape(x.shape.slice(outer), shape)) {
    throw new ShapeError(
      `layerNorm: x has shape ${formatShape(x.shape)}, but must end in normalizedShape ${formatShape(shape)}, of one axis or more.`,
    );
  }
  const affine = checkAffine('layerNorm', options, shape, 'element of a row');
  const { weight, bias, eps } = affine;
  const g = Object.freeze({ rows: sizeOf(x.shape.slice(0, outer)), size: sizeOf(shape), eps });

  const y = Tensor.empty('layerNorm', x.shape);
  const mean = Tensor.empty('layerNorm', [g.rows]);
  const invStd = Tensor.empty('layerNorm', [g.rows]);
  normalizationKernels.layerNorm(
    y.floats,
    mean.floats,
    invStd.floats,
    x.floats,
    weight && weight.floats,
    bias && bias.floats,
    g,
  );

  recordAffine(
    'layerNorm',
    x,
    affine,
    y,
    [mean, invStd],
    (dy, dx, dWeight, dBias) => {
      normalizationKernels.layerNormBackward(
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
    { attributes: { normalizedShape: shape } },
  );
  return y;
}
