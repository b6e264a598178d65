import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { localResponseNorm } from '../tensor/ops/nn/localResponseNorm.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** Options of `LocalResponseNorm`. */
export interface LocalResponseNormLayerOptions {
  /** Default 1e-4; divided by `size`, as in PyTorch. */
  alpha?: number | undefined;
  /** Default 0.75. */
  beta?: number | undefined;
  /** Default 1. */
  k?: number | undefined;
}

/**
 * Divides each value by a power of the energy in the `size` channels around it: `localResponseNorm`. AlexNet and GoogLeNet
 * used it before batch norm.
 *
 * Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3.
 */
export class LocalResponseNorm extends Module {
  /** The factor of the mean of squares. */
  readonly alpha: number;
  /** The exponent of the divisor. */
  readonly beta: number;
  /** Added to the scaled mean of squares. */
  readonly k: number;

  constructor(
    /** How many neighboring channels the squares are averaged over. */
    readonly size: number,
    options: LocalResponseNormLayerOptions = {},
  ) {
    super();
    checkOptions('LocalResponseNorm', options, ['alpha', 'beta', 'k']);
    const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
    checkWhole('LocalResponseNorm', 'size', size, 1);
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  forward(x: Tensor): Tensor {
    const { size, alpha, beta, k } = this;
    return localResponseNorm(x, { size, alpha, beta, k });
  }

  protected override describe(): string {
    const { size, alpha, beta, k } = this;
    return `${size}, ${describeOptions({ alpha, beta, k })}`;
  }
}
