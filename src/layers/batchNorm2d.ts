import { checkWhole } from '../tensor/check.js';
import { type BatchNorm2dOptions, batchNorm2d, batchNormRelu2d } from '../tensor/ops/batchNorm2d.js';
import { Parameter } from '../tensor/parameter.js';
import { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { buffer, Module } from './module.js';

export interface BatchNorm2dLayerOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number;
  /** The share of the new batch in the running statistics (PyTorch's sense, not TensorFlow's). Default 0.1. */
  momentum?: number;
  /** Learns a scale and a shift for each channel. Default true. */
  affine?: boolean;
  /** Keeps running statistics for evaluation; without them every batch is normalised by its own. Default true. */
  trackRunningStats?: boolean;
}

/**
 * Normalises each channel to mean 0 and variance 1, then scales by `weight` and shifts by `bias`: `batchNorm2d`.
 *
 * In training mode by the statistics of the batch, which also move the buffers `runningMean` and `runningVar`; in evaluation
 * mode by those buffers.
 *
 * Shapes: x [N, features, H, W] -> the same.
 *
 * Source: Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithms 1 and 2.
 */
export class BatchNorm2d extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  readonly eps: number;
  readonly momentum: number;

  constructor(
    readonly features: number,
    options: BatchNorm2dLayerOptions = {},
  ) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    checkWhole('BatchNorm2d', 'features', features, 1);
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter(new Float32Array(features).fill(1)) : null;
    this.bias = affine ? new Parameter(new Float32Array(features)) : null;
    this.runningMean = trackRunningStats ? buffer(() => Tensor.zeros([features])) : null;
    this.runningVar = trackRunningStats ? buffer(() => Tensor.ones([features])) : null;
  }

  forward(x: Tensor): Tensor {
    return batchNorm2d(x, this.#options());
  }

  /** relu(forward(x)), in one pass over memory. */
  forwardRelu(x: Tensor): Tensor {
    return batchNormRelu2d(x, this.#options());
  }

  #options(): BatchNorm2dOptions {
    const { weight, bias, runningMean, runningVar, eps, momentum } = this;
    const training = this.training || runningMean === null;
    return { weight, bias, runningMean, runningVar, training, momentum, eps };
  }

  protected override describe(): string {
    const { eps, momentum } = this;
    const options = { eps, momentum, affine: this.weight !== null, trackRunningStats: this.runningMean !== null };
    return `${this.features}, ${describeOptions(options, { affine: true, trackRunningStats: true })}`;
  }
}
