import { ShapeError } from '../../../base/errors.js';
import { formatShape, normalizeAxis, sameShape } from '../../../base/shape.js';
import { tensorList } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { concat, expectSome } from './concat.js';
import { unsqueeze } from './squeeze.js';

/**
 * Joins tensors of one shape along a new axis, which then is axis `axis` of the result.
 *
 * Shapes: three of [3, 32, 32] on axis 0 -> [3, 3, 32, 32].
 *
 * Throws `ArgumentError` for an empty list, `ShapeError` when the shapes differ.
 */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  const tensors = tensorList('stack', 'tensors', parts);
  const first = expectSome('stack', tensors);
  const at = normalizeAxis('stack', axis, first.shape.length + 1);
  for (const [i, t] of tensors.entries()) {
    if (!sameShape(t.shape, first.shape)) {
      throw new ShapeError(
        `stack: tensor ${i} has shape ${formatShape(t.shape)}, but tensor 0 has ${formatShape(first.shape)}; all must be equal.`,
      );
    }
  }
  return concat(
    tensors.map((t) => unsqueeze(t, at)),
    at,
  );
}
