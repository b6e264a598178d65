import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Multiplies the step, whose size the method finds by itself. Default 1. */
  learningRate: number;
  /** How much of the running means each step keeps. Default 0.9. */
  rho: number;
  /** Added under both roots, so that the first steps are not zero. Default 1e-6. */
  eps: number;
  /** Default 0. */
  weightDecay: number;
}

const defaults: AdadeltaOptions = { learningRate: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 };

/**
 * Adadelta: step sizes follow from earlier steps, so there is no learning rate to choose.
 *
 * d = grad + weightDecay * p;  square = rho square + (1 - rho) d^2;  step = sqrt(delta + eps) / sqrt(square + eps) * d;
 * delta = rho delta + (1 - rho) step^2;  p -= learningRate * step
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Source: Zeiler 2012 (arXiv:1212.5701), algorithm 1; the learning rate is PyTorch's addition.
 *
 * @example
 * const optimizer = new Adadelta(model.parameters());
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(params: OptimizerParameters<AdadeltaOptions>, options: SomeOf<AdadeltaOptions> = {}) {
    super('Adadelta', params, options, defaults);
  }

  protected check({ rho, eps }: AdadeltaOptions): void {
    checkRange('Adadelta', 'rho', rho, 0, 1);
    checkRange('Adadelta', 'eps', eps, 0, Infinity, { above: true });
  }

  protected update(p: Parameter, grad: Tensor, o: AdadeltaOptions, state: ParameterState): void {
    const square = state.tensor('square');
    const delta = state.tensor('delta');
    optimizerKernels.adadeltaStep(p.floatsToWrite, grad.data, square.data, delta.data, {
      learningRate: o.learningRate,
      rho: o.rho,
      eps: o.eps,
      weightDecay: o.weightDecay,
    });
  }
}
