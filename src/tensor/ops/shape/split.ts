import { checkWhole } from '../../../base/check.js';
import { ShapeError } from '../../../base/errors.js';
import { formatShape, normalizeAxis } from '../../../base/shape.js';
import { checkNumbers } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { part } from './slice.js';

/**
 * Cuts x along an axis into parts of the given sizes, or of one size, the last part then being what is left.
 *
 * Throws `ArgumentError` for a size that is not a whole number, `ShapeError` when the sizes do not add up to the axis.
 *
 * @example
 * split(Tensor.zeros([10, 3]), 4).map((t) => t.shape[0]); // [4, 4, 2]
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  checkTensor('split', 'x', x);
  if (typeof sizes !== 'number') checkNumbers('split', 'sizes', sizes);
  const along = normalizeAxis('split', axis, x.shape.length);
  const length = x.shape[along];
  const parts = typeof sizes === 'number' ? equalParts(length, sizes) : sizes;
  for (const size of parts) checkWhole('split', 'size', size, 0);
  const total = parts.reduce((a, b) => a + b, 0);
  if (total !== length) {
    throw new ShapeError(
      `split: sizes [${parts.join(', ')}] add up to ${total}, but axis ${along} of x ${formatShape(x.shape)} is ${length} long.`,
    );
  }
  let first = 0;
  return parts.map((size) => {
    first += size;
    return part('split', x, along, first - size, size);
  });
}

function equalParts(length: number, size: number): number[] {
  checkWhole('split', 'size', size, 1);
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
}
