import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { expectRank, formatShape, type Shape } from '../../../base/shape.js';
import type { BatchNormGeometry } from '../../../kernels/contracts/normalization.js';
import { normalizationKernels } from '../../../kernels/families/normalization.js';
import { checkNumber, checkOptionsObject } from '../../checkArguments.js';
import { checkTensor, optionalTensor } from '../../checkTensor.js';
import { Tensor } from '../../tensor.js';
import { type Affine, type AffineOptions, checkAffine, checkEach, recordAffine } from '../math/affine.js';

/** Options of `batchNorm2d`. */
export interface BatchNorm2dOptions extends AffineOptions {
  /** Mean of each channel [C], for evaluation; training moves it towards that of the batch. */
  runningMean?: Tensor | null | undefined;
  /** Variance of each channel [C], likewise. */
  runningVar?: Tensor | null | undefined;
  /** true normalizes by the statistics of this batch, false by the running ones. */
  training: boolean;
  /** The share of the new batch in the running statistics. Default 0.1. */
  momentum?: number | undefined;
}

/**
 * Gives each channel mean 0 and variance 1, then a learned scale and shift.
 *
 * y = (x - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c]
 *
 * In training mean and variance are those of the batch, over N, H and W, and the gradient runs through them. With running statistics given,
 * running = (1 - momentum) running + momentum * batch, where the variance is the unbiased one; an empty batch leaves them alone.
 * In evaluation mean and variance are the running ones, and constants.
 *
 * Shapes: x [N, C, H, W], weight, bias, runningMean, runningVar [C] -> y [N, C, H, W]
 *
 * Throws `ShapeError` when training on a single value a channel, whose variance is always 0, or for a shape that does not fit;
 * `ArgumentError` when evaluation lacks running statistics, or only one of them is given.
 *
 * Numerics: sums in doubles, the variance in a second pass around the mean: no cancellation where the mean is large.
 *
 * Source: Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithms 1 and 2. The unbiased running variance and the sense of momentum are PyTorch's.
 *
 * @example
 * batchNorm2d(Tensor.zeros([8, 16, 32, 32]), { training: true }).shape; // [8, 16, 32, 32]
 */
export function batchNorm2d(x: Tensor, options: BatchNorm2dOptions): Tensor {
  return normalize('batchNorm2d', x, options, false);
}

/**
 * relu(batchNorm2d(x)) in one pass over memory: y = max(0, what `batchNorm2d` gives), with its options, shapes and errors.
 *
 * The backward pass finds out anew from x where y is positive, so that the rectifier costs no tensor, and no pass of its own.
 *
 * @example
 * batchNormRelu2d(Tensor.zeros([8, 16, 32, 32]), { training: true }).shape; // [8, 16, 32, 32]
 */
export function batchNormRelu2d(x: Tensor, options: BatchNorm2dOptions): Tensor {
  return normalize('batchNormRelu2d', x, options, true);
}

function normalize(op: string, x: Tensor, options: BatchNorm2dOptions, relu: boolean): Tensor {
  checkTensor(op, 'x', x);
  checkOptionsObject(op, options, '{ training: true }');
  expectRank(op, 'x', x.shape, '[N, C, H, W]');
  const [batch, channels, height, width] = x.shape;
  const affine = checkAffine(op, options, [channels], 'channel of x');
  const g = Object.freeze({ batch, channels, spatial: height * width, eps: affine.eps, relu });
  const { momentum = 0.1 } = options;
  const runningMean = optionalTensor(op, 'runningMean', options.runningMean);
  const runningVar = optionalTensor(op, 'runningVar', options.runningVar);
  checkEach(op, 'runningMean', runningMean, [channels], 'channel of x');
  checkEach(op, 'runningVar', runningVar, [channels], 'channel of x');
  if ((runningMean === null) !== (runningVar === null)) {
    throw new ArgumentError(
      `${op}: got ${runningMean ? 'runningMean without runningVar' : 'runningVar without runningMean'}. Pass both or neither.`,
    );
  }
  if (!options.training) return evaluate(op, x, affine, runningMean, runningVar, g);
  checkTraining(op, x.shape, momentum, g);
  return train(op, x, affine, runningMean, runningVar, momentum, g);
}

function train(
  op: string,
  x: Tensor,
  affine: Affine,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  momentum: number,
  g: BatchNormGeometry,
): Tensor {
  const { weight, bias } = affine;
  const y = Tensor.empty(op, x.shape);
  const mean = Tensor.empty(op, [g.channels]);
  const variance = Tensor.empty(op, [g.channels]);
  // An empty batch has no statistics: nothing to compute, nothing to learn from.
  if (x.size > 0) {
    normalizationKernels.batchNormStatistics(mean.floats, variance.floats, x.floats, g);
    normalizationKernels.batchNorm(
      y.floats,
      x.floats,
      mean.floats,
      variance.floats,
      weight && weight.floats,
      bias && bias.floats,
      g,
    );
    if (runningMean && runningVar) {
      normalizationKernels.batchNormUpdateRunning(
        runningMean.floatsToWrite,
        runningVar.floatsToWrite,
        mean.floats,
        variance.floats,
        momentum,
        g,
      );
    }
  }

  recordAffine(
    op,
    x,
    affine,
    y,
    [mean, variance],
    (dy, dx, dWeight, dBias) => {
      if (x.size === 0) return;
      normalizationKernels.batchNormBackward(
        dx && dx.floats,
        dWeight && dWeight.floats,
        dBias && dBias.floats,
        dy.floats,
        x.floats,
        mean.floats,
        variance.floats,
        weight && weight.floats,
        bias && bias.floats,
        g,
      );
    },
    { inPlace: 1 },
  );
  return y;
}

function evaluate(
  op: string,
  x: Tensor,
  affine: Affine,
  mean: Tensor | null,
  variance: Tensor | null,
  g: BatchNormGeometry,
): Tensor {
  if (mean === null || variance === null) {
    throw new ArgumentError(
      `${op}: evaluation (training: false) needs runningMean and runningVar, but has none. Pass them, or training: true.`,
    );
  }
  const { weight, bias } = affine;
  const y = Tensor.empty(op, x.shape);
  normalizationKernels.batchNorm(
    y.floats,
    x.floats,
    mean.floats,
    variance.floats,
    weight && weight.floats,
    bias && bias.floats,
    g,
  );

  recordAffine(
    op,
    x,
    affine,
    y,
    [],
    (dy, dx, dWeight, dBias) => {
      normalizationKernels.batchNormEvalBackward(
        dx && dx.floats,
        dWeight && dWeight.floats,
        dBias && dBias.floats,
        dy.floats,
        x.floats,
        mean.floats,
        variance.floats,
        weight && weight.floats,
        bias && bias.floats,
        g,
      );
    },
    { inPlace: 1, attributes: { mean, variance, relu: g.relu } },
  );
  return y;
}

function checkTraining(op: string, x: Shape, momentum: number, g: BatchNormGeometry): void {
  checkNumber(op, 'momentum', momentum);
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new ArgumentError(`${op}: momentum is ${momentum}, but must lie between 0 and 1.`);
  }
  if (g.batch * g.spatial === 1) {
    throw new ShapeError(
      `${op}: training needs more than one value per channel, but x ${formatShape(x)} has 1. Use a larger batch or image, or evaluation mode. Where the last batch of an epoch holds a single image, pass dropLast: true to the DataLoader.`,
    );
  }
}
