import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkFlag, checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `RMSprop`. */
export interface RMSpropOptions extends OptimizerOptions {
  /** Default 0.01. */
  learningRate: number;
  /** How much of the running mean of the squared gradient to keep at each step. Default 0.99. */
  alpha: number;
  /** Added to the root to avoid division by zero. Default 1e-8. */
  eps: number;
  /** Default 0. */
  momentum: number;
  /** Divides by the standard deviation of the gradient instead of its root mean square. Default false. */
  centered: boolean;
  /** Default 0. */
  weightDecay: number;
}

const defaults: RMSpropOptions = {
  learningRate: 0.01,
  alpha: 0.99,
  eps: 1e-8,
  momentum: 0,
  centered: false,
  weightDecay: 0,
};

/**
 * RMSprop: divides the gradient by a running root mean square of itself.
 *
 * d = grad + weightDecay * p;  square = alpha square + (1 - alpha) d^2;  mean = alpha mean + (1 - alpha) d;
 * s = d / (sqrt(square) + eps), centered d / (sqrt(square - mean^2) + eps);  buffer = momentum * buffer + s;
 * p -= learningRate * buffer
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Numerics: square - mean^2 is 0 where rounding makes it negative; PyTorch gives NaN there.
 *
 * Source: Hinton 2012, lecture 6e of "Neural networks for machine learning"; centered: Graves 2013 (arXiv:1308.0850), section 4.2,
 * with eps outside the root as in PyTorch.
 *
 * @example
 * const optimizer = new RMSprop(model.parameters(), { learningRate: 1e-3, momentum: 0.9 });
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(params: OptimizerParameters<RMSpropOptions>, options: SomeOf<RMSpropOptions> = {}) {
    super('RMSprop', params, options, defaults);
  }

  protected check({ alpha, eps, momentum, centered }: RMSpropOptions): void {
    checkRange('RMSprop', 'alpha', alpha, 0, 1, { below: true });
    checkRange('RMSprop', 'eps', eps, 0, Infinity);
    checkRange('RMSprop', 'momentum', momentum, 0, Infinity);
    checkFlag('RMSprop', 'centered', centered);
  }

  protected update(p: Parameter, grad: Tensor, o: RMSpropOptions, state: ParameterState): void {
    const square = state.tensor('square');
    const mean = o.centered ? state.tensor('mean') : null;
    const buffer = o.momentum === 0 ? null : state.tensor('momentum');
    optimizerKernels.rmspropStep(p.floatsToWrite, grad.data, square.data, mean && mean.data, buffer && buffer.data, {
      learningRate: o.learningRate,
      alpha: o.alpha,
      eps: o.eps,
      weightDecay: o.weightDecay,
      momentum: o.momentum,
      centered: o.centered,
    });
  }
}
