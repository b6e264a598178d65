import { shown } from '../../../base/check.js';
import { ArgumentError } from '../../../base/errors.js';
import { normalizeAxis, stridesOf } from '../../../base/shape.js';
import { movementKernels } from '../../../kernels/families/movement.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { reversed, stridedGeometry } from './strided.js';

/**
 * A copy of the part from `start` up to, not including, `end` of one axis. As in `Array.slice`, negative positions count
 * from the end, and what lies outside is cut off.
 *
 * Throws `ShapeError` when x lacks the axis, `ArgumentError` when a position is not a whole number.
 *
 * @example
 * slice(Tensor.zeros([8, 3, 32, 32]), 0, -2).shape; // [2, 3, 32, 32]
 */
export function slice(x: Tensor, axis: number, start: number, end?: number): Tensor {
  checkTensor('slice', 'x', x);
  const along = normalizeAxis('slice', axis, x.shape.length);
  const length = x.shape[along];
  const first = clamp('start', start, length);
  const behind = Math.max(first, clamp('end', end ?? length, length));
  return part('slice', x, along, first, behind - first);
}

/** `length` elements of an axis from `first` on: known to lie inside. */
export function part(op: string, x: Tensor, axis: number, first: number, length: number): Tensor {
  const shape = x.shape.with(axis, length);
  const strides = stridesOf(x.shape);
  const from = { offset: first * strides[axis], strides };
  const g = stridedGeometry(shape, from, { offset: 0, strides: stridesOf(shape) });
  const y = Tensor.empty(op, shape);
  movementKernels.stridedCopy(y.floats, x.floats, g);
  record(
    op,
    [x],
    y,
    (dy, [dx]) => {
      if (dx) movementKernels.stridedAdd(dx.floats, dy.floats, reversed(g));
    },
    { attributes: { axis, first, length } },
  );
  return y;
}

function clamp(name: string, position: number, length: number): number {
  if (!Number.isInteger(position)) {
    throw new ArgumentError(`slice: ${name} is ${shown(position)}, but must be a whole number.`);
  }
  return position < 0 ? Math.max(0, length + position) : Math.min(length, position);
}
