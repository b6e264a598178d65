import { shown } from '../../../base/check.js';
import { ArgumentError } from '../../../base/errors.js';
import { activationKernels } from '../../../kernels/families/activations.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** Options of `gelu`. */
export interface GeluOptions {
  /** 'tanh' computes 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), as some published weights expect. Default 'none'. */
  approximate?: 'none' | 'tanh' | undefined;
}

/**
 * The Gaussian error linear unit: y = x * Phi(x), Phi the distribution function of the standard normal.
 *
 * Numerics: Phi is good to 1e-15, so the result is right to the last bit of float32. The tanh form differs from it by up to
 * 5e-4.
 *
 * Source: Hendrycks and Gimpel 2016 (arXiv:1606.08415), section 2.
 *
 * @example
 * gelu(Tensor.from([0])).toArray(); // [0]
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  checkTensor('gelu', 'x', x);
  checkOptionsObject('gelu', options, "{ approximate: 'tanh' }");
  const { approximate = 'none' } = options;
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw new ArgumentError(`gelu: approximate is ${shown(approximate)}, but must be 'none' or 'tanh'.`);
  }
  const y = Tensor.empty('gelu', x.shape);
  if (approximate === 'tanh') activationKernels.geluTanh(y.data, x.data);
  else activationKernels.gelu(y.data, x.data);

  record(
    'gelu',
    [x],
    y,
    (dy, [dx]) => {
      if (!dx) return;
      if (approximate === 'tanh') activationKernels.geluTanhBackward(dx.data, dy.data, x.data);
      else activationKernels.geluBackward(dx.data, dy.data, x.data);
    },
    { attributes: { approximate } },
  );
  return y;
}
