import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { add } from '../tensor/ops/math/add.js';
import { div } from '../tensor/ops/math/div.js';
import { mean } from '../tensor/ops/math/mean.js';
import { sqrt } from '../tensor/ops/math/sqrt.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { Tensor } from '../tensor/tensor.js';

/** Keeps the slope of the square root finite at features that are 0, and means of 0 from dividing. */
const SMALLEST = 0.01;

/**
 * Features as shares: sqrt(f / mean(f) + 0.01) with f = max(0, x). A few strong features then no longer outweigh all others, and photographs
 * of high contrast count no more than dull ones.
 *
 * Shapes: x [N, F] -> [N, F].
 *
 * Source: the Hellinger kernel for histograms, Arandjelovic and Zisserman 2012, "Three things everyone should know to improve object
 * retrieval", section 3.
 */
export function hellinger(x: Tensor): Tensor {
  if (x.shape.length !== 2) throw new ShapeError(`hellinger: x ${formatShape(x.shape)} must be features [N, F].`);
  const f = relu(x);
  const share = div(f, add(mean(f, 1, { keepDims: true }), Tensor.from([1e-6])));
  return sqrt(add(share, Tensor.from([SMALLEST])));
}
