import { ArgumentError } from '../base/errors.js';
import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkFlag, checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `SGD`. */
export interface SGDOptions extends OptimizerOptions {
  /** Default 0.001. */
  learningRate: number;
  /** The fraction of past gradients to keep at each step, 0 for none. Default 0; 0.9 is usual. */
  momentum: number;
  /** Reduces the gradient that is added to the momentum by this fraction. Default 0. */
  dampening: number;
  /** Uses Nesterov momentum. Default false. */
  nesterov: boolean;
  /** Default 0. */
  weightDecay: number;
}

const defaults: SGDOptions = { learningRate: 0.001, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 };

/**
 * Stochastic gradient descent, optionally with momentum or Nesterov momentum.
 *
 * d = grad + weightDecay * p;  buffer = momentum * buffer + (1 - dampening) * d, at the first step d;
 * p -= learningRate * buffer, with Nesterov p -= learningRate * (d + momentum * buffer)
 *
 * Throws `ArgumentError` for an option out of range, and for Nesterov without momentum or with dampening.
 *
 * Source: Polyak 1964; Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning", in
 * the form of PyTorch's torch.optim.SGD, where the learning rate multiplies the whole buffer.
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: OptimizerParameters<SGDOptions>, options: SomeOf<SGDOptions> = {}) {
    super('SGD', params, options, defaults);
  }

  protected check({ momentum, dampening, nesterov }: SGDOptions): void {
    checkRange('SGD', 'momentum', momentum, 0, Infinity);
    checkRange('SGD', 'dampening', dampening, 0, 1);
    checkFlag('SGD', 'nesterov', nesterov);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ArgumentError(
        `SGD: nesterov needs momentum > 0 and dampening 0, but momentum is ${momentum} and dampening ${dampening}.`,
      );
    }
  }

  protected update(p: Parameter, grad: Tensor, o: SGDOptions, state: ParameterState): void {
    const firstStep = !state.has('momentum');
    const buffer = o.momentum === 0 ? null : state.tensor('momentum');
    optimizerKernels.sgdStep(p.floatsToWrite, grad.data, buffer && buffer.data, {
      learningRate: o.learningRate,
      momentum: o.momentum,
      dampening: o.dampening,
      weightDecay: o.weightDecay,
      nesterov: o.nesterov,
      firstStep,
    });
  }
}
