import { ShapeError } from './errors.js';

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
  return `[${shape.join(', ')}]`;
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

/** A checked copy of `shape`: every axis a whole number >= 0. */
export function checkShape(op: string, shape: Shape): number[] {
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) {
      throw new ShapeError(`${op}: shape ${formatShape(shape)} has the axis ${n}; axes are whole numbers >= 0.`);
    }
  }
  return [...shape];
}

/** Turns an axis counted from the end (-1 is the last) into one counted from the start. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank) {
    throw new ShapeError(
      `${op}: axis ${axis} is not an axis of a tensor with ${rank} axes; use ${-rank} to ${rank - 1}.`,
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
