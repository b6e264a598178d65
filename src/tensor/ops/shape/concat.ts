import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, normalizeAxis, sameShape, stridesOf } from '../../../base/shape.js';
import { movementKernels } from '../../../kernels/families/movement.js';
import { tensorList } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { reversed, stridedGeometry } from './strided.js';

/**
 * Joins tensors end to end along an axis. On axis 1 it joins the channels of images, as DenseNet and Inception do.
 *
 * Shapes: [8, 16, 4, 4] and [8, 32, 4, 4] on axis 1 -> [8, 48, 4, 4].
 *
 * Throws `ArgumentError` for an empty list, `ShapeError` when the shapes differ on another axis.
 */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const tensors = tensorList('concat', 'tensors', parts);
  const first = expectSome('concat', tensors);
  const along = normalizeAxis('concat', axis, first.shape.length);
  for (const [i, t] of tensors.entries()) {
    if (t.shape.length !== first.shape.length || !sameShape(t.shape.with(along, 0), first.shape.with(along, 0))) {
      throw new ShapeError(
        `concat: tensor ${i} has shape ${formatShape(t.shape)}, which must equal ${formatShape(first.shape)} of tensor 0 on every axis but ${along}.`,
      );
    }
  }
  const total = tensors.reduce((n, t) => n + t.shape[along], 0);
  const y = Tensor.empty('concat', first.shape.with(along, total));
  const strides = stridesOf(y.shape);
  let begin = 0;
  const geometries = tensors.map((t) => {
    const to = { offset: begin * strides[along], strides };
    begin += t.shape[along];
    return stridedGeometry(t.shape, { offset: 0, strides: stridesOf(t.shape) }, to);
  });
  for (const [i, t] of tensors.entries()) movementKernels.stridedCopy(y.floats, t.floats, geometries[i]);
  record(
    'concat',
    tensors,
    y,
    (dy, gradients) => {
      for (const [i, dx] of gradients.entries()) {
        if (dx) movementKernels.stridedAdd(dx.floats, dy.floats, reversed(geometries[i]));
      }
    },
    { attributes: { axis: along } },
  );
  return y;
}

/** The first of at least one tensor. */
export function expectSome(op: string, tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 0) throw new ArgumentError(`${op}: the list of tensors is empty; it needs at least one.`);
  return tensors[0];
}
