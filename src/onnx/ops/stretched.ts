import { type Shape, sameShape, sizeOf, stridesOf } from '../../base/shape.js';

/**
 * Where each element of an array of `shape` comes from in an operand of shape `own` that is stretched to it: `at[i * step]`, or plainly
 * `i * step` where there is no list.
 */
export interface Source {
  at: Int32Array | null;
  step: 0 | 1;
}

/** Finds the sources of an operand that broadcasts to `shape`. */
export function sourceOf(shape: Shape, own: Shape): Source {
  if (sameShape(shape, own)) return { at: null, step: 1 };
  if (sizeOf(own) === 1) return { at: null, step: 0 };
  const strides = stridesOf(own);
  const lead = shape.length - own.length;
  const steps = shape.map((_, axis) => (axis < lead || own[axis - lead] === 1 ? 0 : strides[axis - lead]));
  return { at: positions(shape, steps), step: 1 };
}

/** The offsets of all elements of `shape`, in order, where a step along an axis moves by `steps[axis]`. */
export function positions(shape: Shape, steps: readonly number[], first = 0): Int32Array {
  const at = new Int32Array(sizeOf(shape));
  const index = new Int32Array(shape.length);
  let offset = first;
  for (let i = 0; i < at.length; i++) {
    at[i] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += steps[axis];
      if (++index[axis] < shape[axis]) break;
      offset -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return at;
}
