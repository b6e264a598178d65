import { ShapeError } from '../../../base/errors.js';
import { expectRank, formatShape, type Shape } from '../../../base/shape.js';

/** Checks that a shape is [N, C, H, W] with at least one pixel; N and C may be 0. */
export function expectImages(op: string, shape: Shape): void {
  expectRank(op, 'x', shape, '[N, C, H, W]');
  if (shape[2] < 1 || shape[3] < 1) {
    throw new ShapeError(`${op}: x has shape ${formatShape(shape)}, but needs a height and a width of at least 1.`);
  }
}
