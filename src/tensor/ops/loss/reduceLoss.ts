import { shown } from '../../../base/check.js';
import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, sameShape } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { scaledSum } from '../math/sum.js';

/** What becomes of the losses of a batch: their mean, their sum, or each for itself. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options that all losses share. */
export interface LossOptions {
  /** Default 'mean'. */
  reduction?: Reduction | undefined;
}

/** Reduces single losses to the scalar [] that `tape.backward` needs. `divisor` is what a mean divides by. */
export function reduceLoss(op: string, losses: Tensor, reduction: Reduction, divisor = losses.size): Tensor {
  if (reduction === 'none') return losses;
  return scaledSum(op, losses, undefined, {}, () => (reduction === 'mean' ? 1 / divisor : 1));
}

/** Throws unless `reduction` is one of the three. */
export function checkReduction(op: string, reduction: Reduction): void {
  if (!['mean', 'sum', 'none'].includes(reduction)) {
    throw new ArgumentError(`${op}: reduction is ${shown(reduction)}, but must be 'mean', 'sum' or 'none'.`);
  }
}

/** Throws unless target has the shape of x and there is something in it. */
export function checkTarget(op: string, x: Tensor, target: Tensor): void {
  checkTensor(op, 'x', x);
  checkTensor(op, 'target', target);
  if (!sameShape(x.shape, target.shape)) {
    throw new ShapeError(
      `${op}: the target has shape ${formatShape(target.shape)}, but x has ${formatShape(x.shape)}; they must be equal.`,
    );
  }
  if (x.size === 0) {
    throw new ShapeError(`${op}: x has shape ${formatShape(x.shape)}: an empty batch has no loss.`);
  }
}
