import { checkWhole, shown } from '../../../base/check.js';
import { describeValue } from '../../../base/describeValue.js';
import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, type Shape, sizeOf } from '../../../base/shape.js';
import type { PadGeometry } from '../../../kernels/contracts/movement.js';
import { movementKernels } from '../../../kernels/families/movement.js';
import { checkNumber, checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** One number for all sides, [height, width], or [top, right, bottom, left], in pixels. */
export type PadSides = number | readonly [number, number] | readonly [number, number, number, number];

/** Options of `pad`. */
export interface PadOptions {
  /**
   * What lies outside the image: `value` ('zero'), the image mirrored at the center of its border pixels ('reflect': the
   * border is not repeated), or the nearest border pixel ('replicate'). Default 'zero'.
   */
  mode?: 'zero' | 'reflect' | 'replicate' | undefined;
  /** What mode 'zero' fills with. Default 0. */
  value?: number | undefined;
}

/**
 * Adds a border to images: to the last two axes of x.
 *
 * Shapes: x [..., H, W] with [top, right, bottom, left] -> [..., top + H + bottom, left + W + right]
 *
 * Throws `ShapeError` when x has fewer than two axes, or is too small to be mirrored (a border must be less than the side) or
 * repeated; `ArgumentError` for a side that is not a whole number >= 0, or an unknown mode.
 *
 * @example
 * pad(Tensor.zeros([8, 3, 32, 32]), 4, { mode: 'reflect' }).shape; // [8, 3, 40, 40]
 */
export function pad(x: Tensor, padding: PadSides, options: PadOptions = {}): Tensor {
  checkTensor('pad', 'x', x);
  checkOptionsObject('pad', options, "{ mode: 'reflect' }");
  const [top, right, bottom, left] = sides(padding);
  checkPad(x.shape, [top, right, bottom, left], options);
  const [height, width] = x.shape.slice(-2);
  // The heap is asked first: nothing is built for a size that it refuses.
  const y = Tensor.empty('pad', [...x.shape.slice(0, -2), top + height + bottom, left + width + right]);
  const g = padGeometry(x.shape, [top, right, bottom, left], options);
  movementKernels.pad(y.data, x.data, g);
  record(
    'pad',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) movementKernels.padBackward(dx.data, dy.data, g);
    },
    { attributes: { sides: [top, right, bottom, left], mode: options.mode ?? 'zero', value: g.value } },
  );
  return y;
}

type Sides = readonly [top: number, right: number, bottom: number, left: number];

function checkPad(x: Shape, [top, right, bottom, left]: Sides, { mode = 'zero', value = 0 }: PadOptions): void {
  if (x.length < 2) {
    throw new ShapeError(`pad: x has shape ${formatShape(x)}, but needs at least 2 axes, [..., H, W].`);
  }
  if (!['zero', 'reflect', 'replicate'].includes(mode)) {
    throw new ArgumentError(`pad: mode is ${describeValue(mode)}, but must be 'zero', 'reflect' or 'replicate'.`);
  }
  checkNumber('pad', 'value', value);
  const [height, width] = x.slice(-2);
  checkBorder('height', height, Math.max(top, bottom), mode);
  checkBorder('width', width, Math.max(left, right), mode);
}

function checkBorder(axis: string, n: number, largest: number, mode: PadOptions['mode']): void {
  if (mode === 'reflect' && largest > 0 && largest >= n) {
    throw new ShapeError(`pad: mode 'reflect' needs a border smaller than the ${axis} ${n}, but it is ${largest}.`);
  }
  if (mode === 'replicate' && largest > 0 && n === 0) {
    throw new ShapeError(`pad: mode 'replicate' needs a border pixel to repeat, but the ${axis} is 0.`);
  }
}

function padGeometry(x: Shape, [top, right, bottom, left]: Sides, options: PadOptions): PadGeometry {
  const { mode = 'zero', value = 0 } = options;
  const [inHeight, inWidth] = x.slice(-2);
  return Object.freeze({
    planes: sizeOf(x.slice(0, -2)),
    inHeight,
    inWidth,
    rows: sources(inHeight, top, bottom, mode),
    columns: sources(inWidth, left, right, mode),
    value,
  });
}

/** For each position of the padded axis the position it is copied from, -1 for none. */
function sources(n: number, before: number, after: number, mode: PadOptions['mode']): Int32Array {
  const from = new Int32Array(before + n + after);
  for (let i = 0; i < from.length; i++) {
    const position = i - before;
    if (position >= 0 && position < n) from[i] = position;
    else if (mode === 'zero') from[i] = -1;
    else if (mode === 'replicate') from[i] = position < 0 ? 0 : n - 1;
    else from[i] = position < 0 ? -position : 2 * (n - 1) - position;
  }
  return from;
}

function sides(padding: PadSides): Sides {
  const given: readonly number[] = typeof padding === 'number' ? [padding] : padding;
  if (!Array.isArray(given) || ![1, 2, 4].includes(given.length)) {
    throw new ArgumentError(
      `pad: padding is ${shown(padding)}, but must be a number, [height, width] or [top, right, bottom, left].`,
    );
  }
  for (const p of given) checkWhole('pad', 'padding', p, 0);
  const [a, b = a, c = a, d = b] = given;
  return [a, b, c, d];
}
