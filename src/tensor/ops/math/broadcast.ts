import { expectOwn } from '../../../base/copies.js';
import { describeValue } from '../../../base/describeValue.js';
import { ArgumentError } from '../../../base/errors.js';
import { broadcastShapes, type Shape } from '../../../base/shape.js';
import type { BroadcastGeometry } from '../../../kernels/contracts/arithmetic.js';
import { Tensor } from '../../tensor.js';
import { mergeAxes, stridesWithout } from './mergedAxes.js';

/** The two operands of an elementwise op as tensors x and z, their uninitialized output y, and the geometry of the three. */
export interface Operands {
  x: Tensor;
  z: Tensor;
  y: Tensor;
  g: BroadcastGeometry;
}

/** Checks and broadcasts the operands of `op`. */
export function operands(op: string, a: Tensor | number, b: Tensor | number): Operands {
  if (typeof a === 'number' && typeof b === 'number') {
    throw new ArgumentError(`${op}: ${a} and ${b} are both numbers; at least one operand must be a Tensor.`);
  }
  if (typeof a !== 'number') checkOperand(op, 'a', a);
  if (typeof b !== 'number') checkOperand(op, 'b', b);
  const x = typeof a === 'number' ? Tensor.full([], a) : a;
  const z = typeof b === 'number' ? Tensor.full([], b) : b;
  const shape = broadcastShapes(op, x.shape, z.shape);
  return { x, z, y: Tensor.empty(op, shape), g: broadcastGeometry(shape, x.shape, z.shape) };
}

function checkOperand(op: string, name: string, value: unknown): void {
  if (value instanceof Tensor) return;
  expectOwn(`${op}: ${name}`, value);
  throw new ArgumentError(`${op}: ${name} is ${describeValue(value)}, but must be a Tensor or a number.`);
}

/**
 * The geometry of two operands a and b of an output `y`, whose shape `broadcastShapes` has found.
 *
 * Axes of length 1 vanish, and neighbors that are stretched in the same operand (or in neither) become one:
 * [8, 16, 32, 32] with [16, 1, 1] is shape [8, 16, 1024] with strides [16384, 1024, 1] and [0, 1, 0].
 */
export function broadcastGeometry(y: Shape, a: Shape, b: Shape): BroadcastGeometry {
  const merged = mergeAxes(y, (axis) => {
    const stretchedA = stretched(y, a, axis);
    const stretchedB = stretched(y, b, axis);
    return stretchedA ? 'a' : stretchedB ? 'b' : 'none';
  });
  const shape = merged.map(({ size }) => size);
  const kinds = merged.map(({ kind }) => kind);
  return Object.freeze({
    shape: Int32Array.from(shape),
    stridesA: stridesWithout(
      shape,
      kinds.map((kind) => kind === 'a'),
    ),
    stridesB: stridesWithout(
      shape,
      kinds.map((kind) => kind === 'b'),
    ),
    sameA: !kinds.includes('a'),
    sameB: !kinds.includes('b'),
  });
}

function stretched(y: Shape, operand: Shape, axis: number): boolean {
  const own = axis - (y.length - operand.length);
  return y[axis] !== 1 && (own < 0 || operand[own] === 1);
}
