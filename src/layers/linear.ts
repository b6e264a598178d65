import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { linear } from '../tensor/ops/nn/linear.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { defaultParameters } from './defaultParameters.js';
import { Module } from './module.js';

/**
 * A fully connected layer: y = x w^T + b with a weight [outFeatures, inFeatures] and a bias [outFeatures].
 *
 * Shapes: x [..., inFeatures] -> y [..., outFeatures].
 *
 * Weight and bias start uniform within 1 / sqrt(inFeatures), as in PyTorch.
 *
 * @example
 * new Linear(64, 10).forward(Tensor.zeros([8, 64])).shape; // [8, 10]
 */
export class Linear extends Module {
  /** The matrix [outFeatures, inFeatures]. */
  readonly weight: Parameter;
  /** Added to each output [outFeatures]; null with `bias: false`. */
  readonly bias: Parameter | null;

  constructor(
    /** Features of the input. */
    readonly inFeatures: number,
    /** Features of the output. */
    readonly outFeatures: number,
    options: { bias?: boolean | undefined } = {},
  ) {
    super();
    checkOptions('Linear', options, ['bias']);
    checkWhole('Linear', 'inFeatures', inFeatures, 1);
    checkWhole('Linear', 'outFeatures', outFeatures, 1);
    [this.weight, this.bias] = defaultParameters([outFeatures, inFeatures], outFeatures, options.bias);
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  protected override describe(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
