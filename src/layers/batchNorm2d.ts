import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { type BatchNorm2dOptions, batchNorm2d, batchNormRelu2d } from '../tensor/ops/nn/batchNorm2d.js';
import { Parameter } from '../tensor/parameter.js';
import { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { buffer, Module } from './module.js';

/** Options of `BatchNorm2d`. */
export interface BatchNorm2dLayerOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number | undefined;
  /** The weight of the new batch in the running statistics (as in PyTorch; TensorFlow uses 1 minus this). Default 0.1. */
  momentum?: number | undefined;
  /** Learns a scale and a shift for each channel. Default true. */
  affine?: boolean | undefined;
  /** With false, the scale stays 1 and is not a parameter: only the shift is learned. Default: the value of `affine`. */
  scale?: boolean | undefined;
  /** Keeps running statistics for evaluation. Without them, every batch is normalized by its own statistics. Default true. */
  trackRunningStats?: boolean | undefined;
}

/**
 * Normalizes each channel to mean 0 and variance 1, then scales by `weight` and shifts by `bias`: `batchNorm2d`.
 *
 * Training mode uses the statistics of the batch and updates the buffers `runningMean` and `runningVar` with them. Evaluation mode
 * uses those buffers.
 *
 * Shapes: x [N, features, H, W] -> the same.
 *
 * Source: Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithms 1 and 2.
 */
export class BatchNorm2d extends Module {
  /** The scale of each channel [C], first 1; null without `scale`. */
  readonly weight: Parameter | null;
  /** The shift of each channel [C], first 0; null without `affine`. */
  readonly bias: Parameter | null;
  /** The running mean of each channel [C], used in evaluation mode; null without `trackRunningStats`. */
  readonly runningMean: Tensor | null;
  /** The running variance of each channel [C], used in evaluation mode; null without `trackRunningStats`. */
  readonly runningVar: Tensor | null;
  /** Added to the variance, so that channels without variation do not divide by zero. */
  readonly eps: number;
  /** The weight of a new batch in the running statistics. */
  readonly momentum: number;

  constructor(
    /** How many channels are normalized. */
    readonly features: number,
    options: BatchNorm2dLayerOptions = {},
  ) {
    super();
    checkOptions('BatchNorm2d', options, ['eps', 'momentum', 'affine', 'scale', 'trackRunningStats']);
    const { eps = 1e-5, momentum = 0.1, affine = true, scale = affine, trackRunningStats = true } = options;
    checkWhole('BatchNorm2d', 'features', features, 1);
    this.eps = eps;
    this.momentum = momentum;
    if (scale && !affine) {
      throw new ArgumentError(
        'BatchNorm2d: scale is true, but affine is false, so neither scale nor shift is learned.',
      );
    }
    this.weight = scale ? Parameter.ones([features]) : null;
    this.bias = affine ? Parameter.zeros([features]) : null;
    this.runningMean = trackRunningStats ? buffer(() => Tensor.zeros([features])) : null;
    this.runningVar = trackRunningStats ? buffer(() => Tensor.ones([features])) : null;
  }

  forward(x: Tensor): Tensor {
    return batchNorm2d(x, optionsOf(this));
  }

  /** relu(forward(x)), in one pass over memory. */
  forwardRelu(x: Tensor): Tensor {
    return batchNormRelu2d(x, optionsOf(this));
  }

  protected override describe(): string {
    const { eps, momentum } = this;
    const affine = this.bias !== null;
    const scale = this.weight !== null;
    const options = { eps, momentum, affine, scale, trackRunningStats: this.runningMean !== null };
    return `${this.features}, ${describeOptions(options, { affine: true, scale: affine, trackRunningStats: true })}`;
  }
}

function optionsOf(norm: BatchNorm2d): BatchNorm2dOptions {
  const { weight, bias, runningMean, runningVar, eps, momentum } = norm;
  const training = norm.training || runningMean === null;
  return { weight, bias, runningMean, runningVar, training, momentum, eps };
}
