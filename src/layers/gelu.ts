import { checkOptions } from '../base/checkOptions.js';
import { gelu } from '../tensor/ops/nn/gelu.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module, oneOf } from './module.js';

/** How `gelu` is computed: exactly ('none'), or by the formula with tanh. */
export type GeluApproximation = 'none' | 'tanh';

/** x * Phi(x), Phi the normal distribution function, exact or by its tanh approximation, as a layer: `gelu`. */
export class GELU extends Module {
  /** How the function is computed. */
  readonly approximate: GeluApproximation;

  constructor(options: { approximate?: GeluApproximation | undefined } = {}) {
    super();
    checkOptions('GELU', options, ['approximate']);
    this.approximate = oneOf('GELU: approximate', options.approximate ?? 'none', ['none', 'tanh']);
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  protected override describe(): string {
    return `approximate=${this.approximate}`;
  }
}
