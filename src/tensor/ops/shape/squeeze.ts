import { ShapeError } from '../../../base/errors.js';
import { formatShape, normalizeAxis } from '../../../base/shape.js';
import { checkNumbers } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { view } from './view.js';

/**
 * Removes axes of length 1: those given, or all of them.
 *
 * Throws `ShapeError` when a given axis is longer.
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('squeeze', 'x', x);
  if (axes === undefined) {
    return view(
      'squeeze',
      x,
      x.shape.filter((n) => n !== 1),
    );
  }
  if (typeof axes !== 'number') checkNumbers('squeeze', 'axes', axes);
  const dropped = (typeof axes === 'number' ? [axes] : axes).map((a) => normalizeAxis('squeeze', a, x.shape.length));
  for (const axis of dropped) {
    if (x.shape[axis] !== 1) {
      throw new ShapeError(
        `squeeze: axis ${axis} of x ${formatShape(x.shape)} is ${x.shape[axis]} long; only an axis of 1 can go.`,
      );
    }
  }
  return view(
    'squeeze',
    x,
    x.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}

/** Inserts an axis of length 1, which then is axis `axis` of the result: [2, 3] at 0 -> [1, 2, 3], at -1 -> [2, 3, 1]. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  checkTensor('unsqueeze', 'x', x);
  const at = normalizeAxis('unsqueeze', axis, x.shape.length + 1);
  return view('unsqueeze', x, x.shape.toSpliced(at, 0, 1));
}
