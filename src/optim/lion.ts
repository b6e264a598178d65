import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkPair, checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `Lion`. */
export interface LionOptions extends OptimizerOptions {
  /** Default 1e-4: a third to a tenth of what you would use for Adam. */
  learningRate: number;
  /** How much of the mean gradient to keep in the direction of a step, and in the mean itself. Default [0.9, 0.99]. */
  betas: readonly [number, number];
  /** Decoupled, as in AdamW. Default 0. */
  weightDecay: number;
}

const defaults: LionOptions = { learningRate: 1e-4, betas: [0.9, 0.99], weightDecay: 0 };

/**
 * Lion: every weight moves by the learning rate, in the direction of the sign of a mean gradient. One state tensor per parameter.
 *
 * p *= 1 - learningRate * weightDecay;  p -= learningRate * sign(beta1 m + (1 - beta1) grad);  m = beta2 m + (1 - beta2) grad
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Source: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms" (arXiv:2302.06675), algorithm 2.
 *
 * @example
 * const optimizer = new Lion(model.parameters(), { learningRate: 1e-4, weightDecay: 0.1 });
 */
export class Lion extends Optimizer<LionOptions> {
  constructor(params: OptimizerParameters<LionOptions>, options: SomeOf<LionOptions> = {}) {
    super('Lion', params, options, defaults);
  }

  protected check({ betas }: LionOptions): void {
    checkPair('Lion', 'betas', betas);
    for (const beta of betas) checkRange('Lion', 'each of betas', beta, 0, 1);
  }

  protected update(p: Parameter, grad: Tensor, options: LionOptions, state: ParameterState): void {
    const { learningRate, weightDecay, betas } = options;
    const m = state.tensor('mean');
    optimizerKernels.lionStep(p.floatsToWrite, grad.data, m.data, {
      learningRate,
      weightDecay,
      beta1: betas[0],
      beta2: betas[1],
    });
  }
}
