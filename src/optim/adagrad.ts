import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `Adagrad`. */
export interface AdagradOptions extends OptimizerOptions {
  /** Default 0.01. */
  learningRate: number;
  /** Step t uses learningRate / (1 + (t - 1) * learningRateDecay). Default 0. */
  learningRateDecay: number;
  /** The initial value of the sum of squares. Default 0. */
  initialAccumulator: number;
  /** Added to the root to avoid division by zero. Default 1e-10. */
  eps: number;
  /** Default 0. */
  weightDecay: number;
}

const defaults: AdagradOptions = {
  learningRate: 0.01,
  learningRateDecay: 0,
  initialAccumulator: 0,
  eps: 1e-10,
  weightDecay: 0,
};

/**
 * Adagrad: the more a weight has moved, the smaller its steps.
 *
 * d = grad + weightDecay * p;  sum = sum + d^2;  p -= learningRate / (1 + (t - 1) learningRateDecay) * d / (sqrt(sum) + eps)
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Source: Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic optimization",
 * the diagonal form; the decay as in PyTorch.
 *
 * @example
 * const optimizer = new Adagrad(model.parameters(), { learningRate: 0.05 });
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: OptimizerParameters<AdagradOptions>, options: SomeOf<AdagradOptions> = {}) {
    super('Adagrad', params, options, defaults);
  }

  protected check({ learningRateDecay, initialAccumulator, eps }: AdagradOptions): void {
    checkRange('Adagrad', 'learningRateDecay', learningRateDecay, 0, Infinity);
    checkRange('Adagrad', 'initialAccumulator', initialAccumulator, 0, Infinity);
    checkRange('Adagrad', 'eps', eps, 0, Infinity);
  }

  protected update(p: Parameter, grad: Tensor, o: AdagradOptions, state: ParameterState): void {
    const sum = state.tensor('sum', o.initialAccumulator);
    optimizerKernels.adagradStep(p.floatsToWrite, grad.data, sum.data, {
      learningRate: o.learningRate / (1 + (state.step - 1) * o.learningRateDecay),
      eps: o.eps,
      weightDecay: o.weightDecay,
    });
  }
}
