import { ArgumentError } from '../../../base/errors.js';
import { randomStream } from '../../../base/random.js';
import { activationKernels } from '../../../kernels/families/activations.js';
import { checkNumber, checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { runHostKernel } from '../../hostKernel.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** Options of `dropout` and `dropout2d`. */
export interface DropoutOptions {
  /** Probability of dropping a unit, 0 to 1. Default 0.5. */
  p?: number | undefined;
  /** false makes it the identity. */
  training: boolean;
}

/**
 * Sets each element to 0 with probability p and divides the others by 1 - p, so that the mean stays the same and nothing
 * has to be rescaled afterwards. When not training, or with p = 0, it returns x itself.
 *
 * One draw from the random stream 'dropout' seeds a hash that decides about every element; the backward pass hashes again,
 * so no mask is stored.
 *
 * Throws `ArgumentError` for p outside 0 to 1. p = 1 gives zeros.
 *
 * Source: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (JMLR 15), section
 * 10 for the division while training.
 *
 * @example
 * dropout(Tensor.ones([4]), { p: 0.5, training: true }).toArray(); // for instance [2, 0, 0, 2]
 */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  checkTensor('dropout', 'x', x);
  return dropUnits('dropout', x, options, 1);
}

/** Decides once for every `unit` neighboring elements. */
export function dropUnits(op: string, x: Tensor, options: DropoutOptions, unit: number): Tensor {
  checkOptionsObject(op, options, '{ p: 0.5, training: true }');
  const { p = 0.5, training } = options;
  checkNumber(op, 'p', p);
  if (!(p >= 0 && p <= 1)) {
    throw new ArgumentError(`${op}: p is ${p}, but is a probability: from 0 (drop nothing) to 1 (drop everything).`);
  }
  if (!training || p === 0) return x;
  const y = Tensor.empty(op, x.shape);
  if (p === 1) {
    // 1 / (1 - p) is no number; the gradient is zero too.
    runHostKernel('zeros', [y], [], ([zeros]) => zeros.fill(0));
    record(op, [x], y, () => {});
    return y;
  }
  const g = Object.freeze({ p, seed: randomStream('dropout').bits(), unit });
  activationKernels.dropout(y.data, x.data, g);

  record(op, [x], y, (dy, [dx]) => {
    if (dx) activationKernels.dropoutBackward(dx.data, dy.data, g);
  });
  return y;
}
