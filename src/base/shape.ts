import { describeValue } from './describeValue.js';
import { OutOfMemoryError, ShapeError } from './errors.js';

/** Sizes of a tensor's axes, outermost first: an image batch is [N, C, H, W]. */
export type Shape = readonly number[];

/** The number of elements of a shape: the product of its axes, 1 for a scalar []. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** `[8, 3, 32, 32]`, as shapes are written in messages. */
export function formatShape(shape: Shape): string {
  return `[${Array.from(shape, (n) => (typeof n === 'number' ? n : describeValue(n))).join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides in elements: [2, 3, 4] -> [12, 4, 1]. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** More axes than any model has; what goes through them one inside the other stays shallow. */
export const MOST_AXES = 64;

/** What the other axes of an empty tensor may multiply to: kernels walk along them although there is nothing there. */
const MOST_EMPTY_ROWS = 2 ** 26;

/**
 * A checked copy of `shape`: every axis a whole number >= 0.
 *
 * Throws `ShapeError` for what is no such list, and for an empty tensor `OutOfMemoryError` when its other axes are absurd.
 */
export function checkShape(op: string, shape: Shape): number[] {
  if (!Array.isArray(shape) && !ArrayBuffer.isView(shape)) {
    throw new ShapeError(`${op}: the shape is ${describeValue(shape)}, but must be an array of axes, such as [2, 3].`);
  }
  if (shape.length > MOST_AXES) {
    throw new ShapeError(`${op}: the shape has ${shape.length} axes; there can be ${MOST_AXES} at most.`);
  }
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) {
      const axis = typeof n === 'number' ? n : describeValue(n);
      throw new ShapeError(`${op}: shape ${formatShape(shape)} has the axis ${axis}; axes are whole numbers >= 0.`);
    }
  }
  if (sizeOf(shape) === 0) checkEmpty(op, shape);
  return [...shape];
}

/** Throws `OutOfMemoryError` when the axes of an empty tensor are too long beside the 0. */
export function checkEmpty(op: string, shape: Shape): void {
  let rows = 1;
  for (const n of shape) rows *= Math.max(1, n);
  if (rows > MOST_EMPTY_ROWS) {
    throw new OutOfMemoryError(
      `${op}: shape ${formatShape(shape)} is empty, but its other axes make ${rows} rows of nothing; there can be ${MOST_EMPTY_ROWS} at most.`,
    );
  }
}

/** Turns an axis counted from the end (-1 is the last) into one counted from the start. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const isWhole = Number.isInteger(axis);
  const normalized = isWhole && axis < 0 ? axis + rank : axis;
  if (!isWhole || normalized < 0 || normalized >= rank) {
    const found = typeof axis === 'number' ? axis : describeValue(axis);
    throw new ShapeError(
      `${op}: axis ${found} is not an axis of a tensor with ${rank} axes; use ${-rank} to ${rank - 1}.`,
    );
  }
  return normalized;
}

/**
 * The shape of two operands after broadcasting: axes are aligned at the end, and an axis of 1 stretches to the other's.
 *
 * Source: NumPy's broadcasting rules.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: axis ${-i} is ${m} in one and ${n} in the other. Make them equal, or one of them 1.`,
      );
    }
    out[rank - i] = m === 1 ? n : m;
  }
  return out;
}

/** Checks the number of axes and names what they mean: `expectRank('conv2d', 'x', x.shape, '[N, C, H, W]')`. */
export function expectRank(op: string, name: string, shape: Shape, layout: string): void {
  const rank = layout.split(',').length;
  if (shape.length !== rank) {
    throw new ShapeError(`${op}: ${name} has shape ${formatShape(shape)}, but needs ${rank} axes, ${layout}.`);
  }
}
