import { checkOptions } from '../../../base/checkOptions.js';
import { ShapeError } from '../../../base/errors.js';
import { formatShape } from '../../../base/shape.js';
import { lossKernels } from '../../../kernels/families/losses.js';
import { optionalTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { checkReduction, checkTarget, type LossOptions, reduceLoss } from './reduceLoss.js';

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** [K], K the last axis of x, or [1] for all: how many times a positive target counts. Default 1. */
  positiveWeight?: Tensor | undefined;
}

/**
 * The loss of independent yes-or-no answers, such as several labels an image, given before the sigmoid.
 *
 * loss = -(p t log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x))), t the target between 0 and 1, p the positive weight.
 *
 * Shapes: x and target alike, for instance [N, K] -> [], or that shape with reduction 'none'. The mean is over all elements.
 * Targets are constants: no gradient reaches them.
 *
 * Throws `ShapeError` when the shapes differ or positiveWeight does not fit, and for an empty batch.
 *
 * Numerics: computed as (1 - t) x + (1 + (p - 1) t) log(1 + exp(-x)), the logarithm in a form that is finite for any x.
 *
 * @example
 * binaryCrossEntropyWithLogits(Tensor.zeros([1, 2]), Tensor.from([[0, 1]])).item(); // 0.693147, which is log(2)
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  checkOptions('binaryCrossEntropyWithLogits', options, ['positiveWeight', 'reduction']);
  const { reduction = 'mean' } = options;
  const positiveWeight = optionalTensor('binaryCrossEntropyWithLogits', 'positiveWeight', options.positiveWeight);
  checkReduction('binaryCrossEntropyWithLogits', reduction);
  checkTarget('binaryCrossEntropyWithLogits', x, target);
  const last = x.shape[x.shape.length - 1] ?? 1;
  const classes = positiveWeight === null ? last : positiveWeight.size;
  if (positiveWeight !== null && (positiveWeight.shape.length !== 1 || (classes !== last && classes !== 1))) {
    throw new ShapeError(
      `binaryCrossEntropyWithLogits: positiveWeight has shape ${formatShape(positiveWeight.shape)}, but x ${formatShape(x.shape)} needs [${last}], one for each class, or [1].`,
    );
  }
  const g = Object.freeze({ classes, delta: 1 });
  const losses = Tensor.empty('binaryCrossEntropyWithLogits', x.shape);
  lossKernels.binaryCrossEntropyWithLogits(losses.data, x.data, target.data, positiveWeight && positiveWeight.data, g);

  record('binaryCrossEntropyWithLogits', [x], losses, (dLosses, [dx]) => {
    if (!dx) return;
    const p = positiveWeight && positiveWeight.data;
    lossKernels.binaryCrossEntropyWithLogitsBackward(dx.data, dLosses.data, x.data, target.data, p, g);
  });
  return reduceLoss('binaryCrossEntropyWithLogits', losses, reduction);
}
