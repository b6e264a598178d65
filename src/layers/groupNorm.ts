import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { groupNorm } from '../tensor/ops/nn/groupNorm.js';
import { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** Options of `GroupNorm`. */
export interface GroupNormLayerOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number | undefined;
  /** Learns a scale and a shift for each channel. Default true. */
  affine?: boolean | undefined;
}

/**
 * Normalizes each group of channels of each image by its own mean and variance, independently of the batch: `groupNorm`.
 *
 * Shapes: x [N, channels, H, W] -> the same.
 *
 * Source: Wu and He 2018 (arXiv:1803.08494).
 */
export class GroupNorm extends Module {
  /** The scale of each channel [C], first 1; null without `affine`. */
  readonly weight: Parameter | null;
  /** The shift of each channel [C], first 0; null without `affine`. */
  readonly bias: Parameter | null;
  /** Added to the variance before the square root. */
  readonly eps: number;

  constructor(
    /** How many groups the channels are split into. */
    readonly groups: number,
    /** Channels of the input. */
    readonly channels: number,
    options: GroupNormLayerOptions = {},
  ) {
    super();
    checkOptions('GroupNorm', options, ['eps', 'affine']);
    const { eps = 1e-5, affine = true } = options;
    checkWhole('GroupNorm', 'groups', groups, 1);
    checkWhole('GroupNorm', 'channels', channels, 1);
    if (channels % groups !== 0) {
      throw new ArgumentError(`GroupNorm: groups=${groups} must divide channels=${channels}.`);
    }
    this.eps = eps;
    this.weight = affine ? Parameter.ones([channels]) : null;
    this.bias = affine ? Parameter.zeros([channels]) : null;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return groupNorm(x, this.groups, { weight, bias, eps });
  }

  protected override describe(): string {
    const options = { eps: this.eps, affine: this.weight !== null };
    return `${this.groups}, ${this.channels}, ${describeOptions(options, { affine: true })}`;
  }
}
