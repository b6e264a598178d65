import { broadcastShapes } from '../../base/shape.js';
import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { sourceOf } from './stretched.js';

type OfTwo = (a: number, b: number) => number;

/**
 * y = fn(a, b) of each pair of elements, with broadcasting, for what the library has no operation of its own. `slopes` are dy/da and
 * dy/db; without them nothing is learned through y.
 */
export function pairwise(
  op: string,
  a: Tensor,
  b: Tensor,
  fn: OfTwo,
  slopes: readonly [OfTwo, OfTwo] | null = null,
): Tensor {
  const shape = broadcastShapes(op, a.shape, b.shape);
  const y = Tensor.empty(op, shape);
  const [fromA, fromB] = [sourceOf(shape, a.shape), sourceOf(shape, b.shape)];
  const [atA, atB, stepA, stepB] = [fromA.at, fromB.at, fromA.step, fromB.step];
  runHostKernel(op, [y], [a, b], ([to], [x, z]) => {
    for (let i = 0; i < to.length; i++) to[i] = fn(x[atA ? atA[i] : i * stepA], z[atB ? atB[i] : i * stepB]);
  });
  record(op, [a, b], y, (dy, [da, db]) => {
    if (slopes === null) return;
    const [x, z, outer] = [a.data, b.data, dy.data];
    for (const [side, into] of [da, db].entries()) {
      if (!into) continue;
      const [slope, sums] = [slopes[side], into.data];
      for (let i = 0; i < outer.length; i++) {
        const [p, q] = [atA ? atA[i] : i * stepA, atB ? atB[i] : i * stepB];
        sums[side === 0 ? p : q] += outer[i] * slope(x[p], z[q]);
      }
    }
  });
  return y;
}

/** How much of a gradient goes to the first operand of `maximum`; equal operands share it. */
const larger: OfTwo = (a, b) => (a > b ? 1 : a === b ? 0.5 : 0);

/** The larger of two, exactly; NaN wins. */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return pairwise('maximum', a, b, Math.max, [larger, (x, z) => larger(z, x)]);
}

/** The smaller of two, exactly; NaN wins. */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return pairwise('minimum', a, b, Math.min, [(x, z) => larger(z, x), larger]);
}
