import type { Shape } from '../../../base/shape.js';
import type { StridedGeometry } from '../../../kernels/contracts/movement.js';

/** An array as a strided copy sees it: where its first element lies, and how far apart neighbors along each axis are. */
export interface StridedView {
  readonly offset: number;
  readonly strides: readonly number[];
}

/**
 * The geometry of a copy from x to y over the index space `shape`.
 *
 * Axes of length 1 vanish, and neighbors that lie end to end in both arrays become one; two axes at least remain, which
 * is what kernels loop over.
 */
export function stridedGeometry(shape: Shape, x: StridedView, y: StridedView): StridedGeometry {
  const sizes: number[] = [];
  const xStrides: number[] = [];
  const yStrides: number[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const joins = last >= 0 && xStrides[last] === x.strides[axis] * size && yStrides[last] === y.strides[axis] * size;
    const at = joins ? last : last + 1;
    sizes[at] = joins ? sizes[last] * size : size;
    xStrides[at] = x.strides[axis];
    yStrides[at] = y.strides[axis];
  });
  while (sizes.length < 2) {
    sizes.unshift(1);
    xStrides.unshift(0);
    yStrides.unshift(0);
  }
  return freeze(sizes, x.offset, xStrides, y.offset, yStrides);
}

/** The same copy backwards, from y to x: what the gradient takes. */
export function reversed(g: StridedGeometry): StridedGeometry {
  return freeze(g.shape, g.yOffset, g.yStrides, g.xOffset, g.xStrides);
}

function freeze(
  shape: ArrayLike<number>,
  xOffset: number,
  xStrides: ArrayLike<number>,
  yOffset: number,
  yStrides: ArrayLike<number>,
): StridedGeometry {
  return Object.freeze({
    shape: Int32Array.from(shape),
    xOffset,
    xStrides: Int32Array.from(xStrides),
    yOffset,
    yStrides: Int32Array.from(yStrides),
  });
}
