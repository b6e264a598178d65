import { ArgumentError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { arithmeticKernels } from '../kernels/families/arithmetic.js';
import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import { withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { orthogonalize } from './newtonSchulz.js';
import { Optimizer, type OptimizerOptions, type OptimizerParameters } from './optimizer.js';
import { checkCount, checkFlag, checkRange, type SomeOf } from './options.js';
import type { ParameterState } from './parameterState.js';

/** Options of `Muon`. */
export interface MuonOptions extends OptimizerOptions {
  /** Default 0.02. */
  learningRate: number;
  /** The fraction of past gradients to keep at each step. Default 0.95. */
  momentum: number;
  /** Uses Nesterov momentum. Default true. */
  nesterov: boolean;
  /** Newton-Schulz iterations. Default 5; 3 are enough for CIFAR-10. */
  iterations: number;
  /** Lengthens the steps of tall matrices by sqrt(max(1, rows / columns)). Default true. */
  scaleByShape: boolean;
  /** Gives each weight the norm sqrt(outputs) before its step, so that it neither grows nor shrinks. Default false. */
  normalizeWeights: boolean;
  /** Decoupled, as in AdamW. Default 0. */
  weightDecay: number;
}

const defaults: MuonOptions = {
  learningRate: 0.02,
  momentum: 0.95,
  nesterov: true,
  iterations: 5,
  scaleByShape: true,
  normalizeWeights: false,
  weightDecay: 0,
};

/**
 * Muon: momentum with orthogonalized steps, so that every direction of a weight matrix moves equally far. Use it for the weights of hidden
 * layers, with another optimizer for biases, norms and the last layer: see `muonParameters` and `CombinedOptimizer`.
 *
 * buffer = momentum * buffer + grad;  d = buffer, with Nesterov grad + momentum * buffer;
 * p = (1 - learningRate * weightDecay) p - learningRate * orthogonalize(d as a matrix)
 *
 * Shapes: parameters with at least two axes; [O, C, R, S] is treated as the matrix [O, C R S].
 *
 * Throws `ArgumentError` for an option out of range, and for a parameter with one axis.
 *
 * Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; with `normalizeWeights`, 3 iterations and without
 * `scaleByShape`, the variant of the airbench94 recipe (arXiv:2404.00498 for the network).
 *
 * @example
 * const optimizer = new Muon(muonParameters(model).hidden, { learningRate: 0.24, momentum: 0.6, iterations: 3, normalizeWeights: true });
 */
export class Muon extends Optimizer<MuonOptions> {
  constructor(params: OptimizerParameters<MuonOptions>, options: SomeOf<MuonOptions> = {}) {
    super('Muon', params, options, defaults);
    for (const p of this.parameters()) {
      if (p.shape.length >= 2) continue;
      throw new ArgumentError(
        `Muon: a parameter has shape ${formatShape(p.shape)}, but Muon needs weights with two or more axes. Give biases and norms to another optimizer: see muonParameters.`,
      );
    }
  }

  protected check({ momentum, nesterov, iterations, scaleByShape, normalizeWeights }: MuonOptions): void {
    checkRange('Muon', 'momentum', momentum, 0, 1, { below: true });
    checkFlag('Muon', 'nesterov', nesterov);
    checkCount('Muon', 'iterations', iterations, 1);
    checkFlag('Muon', 'scaleByShape', scaleByShape);
    checkFlag('Muon', 'normalizeWeights', normalizeWeights);
  }

  protected update(p: Parameter, grad: Tensor, o: MuonOptions, state: ParameterState): void {
    const rows = p.shape[0];
    const columns = p.size / rows;
    const buffer = state.tensor('momentum');
    withoutTape(() => {
      // (1) momentum, and the direction in a tensor that may be changed
      optimizerKernels.blend(buffer.data, grad.data, o.momentum, 1);
      const direction = Tensor.empty('Muon', p.shape);
      arithmeticKernels.scale(direction.data, buffer.data, o.nesterov ? o.momentum : 1);
      if (o.nesterov) optimizerKernels.blend(direction.data, grad.data, 1, 1);
      // (2) the matrix with the same directions and singular values near 1
      orthogonalize(direction, rows, columns, o.iterations);
      // (3) the step
      const kept = (1 - o.learningRate * o.weightDecay) * (o.normalizeWeights ? Math.sqrt(rows) / normOf(p) : 1);
      const scale = o.scaleByShape ? Math.sqrt(Math.max(1, rows / columns)) : 1;
      optimizerKernels.blend(p.floatsToWrite, direction.data, kept, -o.learningRate * scale);
    });
  }
}

function normOf(p: Parameter): number {
  const norm = Tensor.empty('Muon', [1]);
  optimizerKernels.l2Norm(norm.data, p.floats);
  return norm.data[0] > 0 ? norm.data[0] : 1;
}
