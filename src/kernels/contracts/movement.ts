import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

/** Kernels that move numbers: permute, slice, concat, stack, expand are one strided copy each. */
export interface MovementKernels {
  /** y[at yOffset + index . yStrides] = x[at xOffset + index . xStrides] for every index below g.shape */
  stridedCopy(y: Floats, x: Floats, g: StridedGeometry): void;
  /** the same with +=: the backward pass of a strided copy, with the roles of the strides exchanged */
  stridedAdd(y: Floats, x: Floats, g: StridedGeometry): void;
  /** y[..., p, q] = x[..., g.rows[p], g.columns[q]], or g.value where either is -1; over g.planes images */
  pad(y: Floats, x: Floats, g: PadGeometry): void;
  /**
   * Whether x differs from what it was at the last call with these `digests`, which it brings up to date; they begin as zeros. Exact for one changed
   * number, and for more with a probability of 1 - 2^-64.
   */
  hasChanged(digests: Floats, x: Floats): boolean;
  /** Floats of digests for so many numbers. */
  digestLength(length: number): number;
  /** dx[..., g.rows[p], g.columns[q]] += dy[..., p, q] */
  padBackward(dx: Floats, dy: Floats, g: PadGeometry): void;
}

/** What instruments know of these kernels. */
export const movementTraits: KernelTraits<MovementKernels> = {
  hasChanged: { unchecked: true },
  digestLength: { query: true },
};

/** One index space, two strided arrays: axes outermost first. */
export interface StridedGeometry {
  readonly shape: Int32Array;
  readonly xOffset: number;
  readonly xStrides: Int32Array;
  readonly yOffset: number;
  readonly yStrides: Int32Array;
}

export interface PadGeometry {
  readonly planes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  /** The input row of each output row, -1 for `value`; its length is the output height. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly value: number;
}
