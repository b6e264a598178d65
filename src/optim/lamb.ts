import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import { withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { type AdamOptions, checkAdam } from './adam.js';
import { Optimizer, type OptimizerParameters } from './optimizer.js';
import type { SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** The options of Adam. */
export type LAMBOptions = AdamOptions;

const defaults: LAMBOptions = { learningRate: 0.001, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0 };

/**
 * LAMB, for large batches: Adam's step, scaled to the learning rate times the norm of the parameter it changes, so that no layer
 * moves out of proportion.
 *
 * u = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + weightDecay * p;  p -= learningRate * |p| / |u| * u, where a norm
 * of 0 makes the ratio 1
 *
 * Throws `ArgumentError` for an option out of range.
 *
 * Source: You et al. 2020 (arXiv:1904.00962), algorithm 2, with phi(z) = z. Biases and norms usually get no weight decay: see
 * `parameterGroups`.
 *
 * @example
 * const optimizer = new LAMB(model.parameters(), { learningRate: 0.005, weightDecay: 0.02 });
 */
export class LAMB extends Optimizer<LAMBOptions> {
  constructor(params: OptimizerParameters<LAMBOptions>, options: SomeOf<LAMBOptions> = {}) {
    super('LAMB', params, options, defaults);
  }

  protected check(options: LAMBOptions): void {
    checkAdam('LAMB', options);
  }

  protected update(p: Parameter, grad: Tensor, options: LAMBOptions, state: ParameterState): void {
    const { learningRate, betas, eps, weightDecay } = options;
    const [beta1, beta2] = betas;
    const m = state.tensor('mean');
    const v = state.tensor('square');
    withoutTape(() => {
      const u = Tensor.empty('LAMB', p.shape);
      const norm = Tensor.empty('LAMB', [1]);
      optimizerKernels.lambDirection(u.data, p.floats, grad.data, m.data, v.data, {
        beta1,
        beta2,
        eps,
        weightDecay,
        correction1: 1 - beta1 ** state.step,
        correction2: 1 - beta2 ** state.step,
      });
      optimizerKernels.l2Norm(norm.data, p.floats);
      const weight = norm.data[0];
      optimizerKernels.l2Norm(norm.data, u.data);
      const length = norm.data[0];
      const ratio = weight > 0 && length > 0 ? weight / length : 1;
      optimizerKernels.blend(p.floatsToWrite, u.data, 1, -learningRate * ratio);
    });
  }
}
