import { NonFiniteError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { arithmeticKernels } from '../kernels/families/arithmetic.js';
import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Parameter } from '../tensor/parameter.js';
import { withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { checkRange } from './options.js';
import { parameterList } from './parameterList.js';

/**
 * Scales all gradients by the same factor, so that their joint norm is at most `maxNorm`. Call it between backward and step.
 *
 * norm = sqrt(sum over all gradients of g^2);  g *= min(1, maxNorm / (norm + 1e-6))
 *
 * Returns the norm before scaling. Frozen parameters and those without a gradient do not count.
 *
 * Throws `ArgumentError` unless maxNorm > 0 and there are parameters, `NonFiniteError` when a gradient contains NaN or infinity, which scaling would
 * spread to every parameter. The gradients then stay unchanged.
 *
 * Source: Pascanu et al. 2013 (arXiv:1211.5063), algorithm 1; the 1e-6 is PyTorch's.
 *
 * @example
 * tape.backward(loss);
 * const norm = clipGradNorm(model.parameters(), 5);
 * optimizer.step();
 */
export function clipGradNorm(params: Iterable<Parameter>, maxNorm: number): number {
  checkRange('clipGradNorm', 'maxNorm', maxNorm, 0, Infinity, { above: true });
  const list = withGradients('clipGradNorm', params);
  const norm = withoutTape(() => totalNorm(list));
  const factor = maxNorm / (norm + 1e-6);
  if (factor < 1) for (const { grad } of list) arithmeticKernels.scale(grad.data, grad.data, factor);
  return norm;
}

/**
 * Limits every element of every gradient to [-limit, limit]. Call it between backward and step.
 *
 * Throws `ArgumentError` unless limit > 0.
 *
 * @example
 * clipGradValue(model.parameters(), 0.5);
 */
export function clipGradValue(params: Iterable<Parameter>, limit: number): void {
  checkRange('clipGradValue', 'limit', limit, 0, Infinity, { above: true });
  for (const { grad } of withGradients('clipGradValue', params)) optimizerKernels.clamp(grad.data, grad.data, limit);
}

interface WithGradient {
  grad: Tensor;
  index: number;
}

/** Each gradient that the next step will use, once, with its parameter's place in the list. */
function withGradients(who: string, params: Iterable<Parameter>): WithGradient[] {
  const list: WithGradient[] = [];
  let index = 0;
  for (const p of parameterList(who, 'params', params)) {
    if (p.requiresGrad && p.hasFreshGrad) list.push({ grad: p.grad as Tensor, index });
    index++;
  }
  return list;
}

function totalNorm(list: readonly WithGradient[]): number {
  const norm = Tensor.empty('clipGradNorm', [1]);
  let squares = 0;
  for (const { grad, index } of list) {
    optimizerKernels.l2Norm(norm.data, grad.data);
    const part = norm.item();
    if (!Number.isFinite(part)) {
      throw new NonFiniteError(
        `clipGradNorm: the gradient of parameter ${index} ${formatShape(grad.shape)} has the norm ${part}; nothing was clipped. Lower the learning rate, or find the operation that overflows.`,
      );
    }
    squares += part * part;
  }
  return Math.sqrt(squares);
}
