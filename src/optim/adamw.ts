import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { type AdamOptions, adamDefaults, adamUpdate, checkAdam } from './adam.js';
import { Optimizer, type OptimizerParameters } from './optimizer.js';
import type { SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/**
 * Adam with decoupled weight decay: the decay shrinks the weight directly instead of through the gradient, which Adam would rescale.
 *
 * p *= 1 - learningRate * weightDecay, then the step of `Adam` without weight decay
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Source: Loshchilov and Hutter 2019 (arXiv:1711.05101), algorithm 2; as in PyTorch, the decay is multiplied by the learning rate.
 *
 * @example
 * const optimizer = new AdamW(model.parameters(), { learningRate: 1e-3, weightDecay: 0.05 });
 */
export class AdamW extends Optimizer<AdamOptions> {
  constructor(params: OptimizerParameters<AdamOptions>, options: SomeOf<AdamOptions> = {}) {
    super('AdamW', params, options, { ...adamDefaults, weightDecay: 0.01 });
  }

  protected check(options: AdamOptions): void {
    checkAdam('AdamW', options);
  }

  protected update(p: Parameter, grad: Tensor, options: AdamOptions, state: ParameterState): void {
    adamUpdate(p, grad, options, state, true);
  }
}
