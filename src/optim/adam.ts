import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkPair, checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions extends OptimizerOptions {
  /** Default 0.001. */
  learningRate: number;
  /** How much of the running means of the gradient and its square to keep at each step. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the root to avoid division by zero. Default 1e-8. */
  eps: number;
  /** Default 0; AdamW 0.01. */
  weightDecay: number;
}

export const adamDefaults: AdamOptions = { learningRate: 0.001, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 };

/**
 * Adam: step sizes are about the learning rate, whatever the size of the gradient.
 *
 * d = grad + weightDecay * p;  m = beta1 m + (1 - beta1) d;  v = beta2 v + (1 - beta2) d^2;
 * p -= learningRate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) at step t of this parameter
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Source: Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1.
 *
 * @example
 * const optimizer = new Adam(model.parameters(), { learningRate: 3e-4 });
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(params: OptimizerParameters<AdamOptions>, options: SomeOf<AdamOptions> = {}) {
    super('Adam', params, options, adamDefaults);
  }

  protected check(options: AdamOptions): void {
    checkAdam('Adam', options);
  }

  protected update(p: Parameter, grad: Tensor, options: AdamOptions, state: ParameterState): void {
    adamUpdate(p, grad, options, state, false);
  }
}

export function checkAdam(who: string, { betas, eps }: AdamOptions): void {
  checkPair(who, 'betas', betas);
  for (const beta of betas) checkRange(who, 'each of betas', beta, 0, 1, { below: true });
  checkRange(who, 'eps', eps, 0, Infinity);
}

/** The step of Adam, or with `decoupled` of AdamW. */
export function adamUpdate(
  p: Parameter,
  grad: Tensor,
  options: AdamOptions,
  state: ParameterState,
  decoupled: boolean,
): void {
  const [beta1, beta2] = options.betas;
  const m = state.tensor('mean');
  const v = state.tensor('square');
  optimizerKernels.adamStep(p.floatsToWrite, grad.data, m.data, v.data, {
    learningRate: options.learningRate,
    beta1,
    beta2,
    eps: options.eps,
    weightDecay: options.weightDecay,
    decoupled,
    correction1: 1 - beta1 ** state.step,
    correction2: 1 - beta2 ** state.step,
  });
}
