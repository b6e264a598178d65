import type { Floats } from '../../memory/memory.js';
import type { Pool2dGeometry } from '../geometry.js';
import type { KernelTraits } from '../traits.js';

/** x [N, C, H, W], y [N, C, P, Q]. */
export interface PoolingKernels {
  /** y = the largest value of each window; padding counts as minus infinity; NaN wins. */
  maxPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void;
  /** dx += dy at the first (row-major) largest value of each window: each dy goes to exactly one place. */
  maxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: Pool2dGeometry): void;
  /** y = the sum of each window, divided by its size: with g.countIncludePad the padding (but not what ceilMode added) counts. */
  avgPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void;
  avgPool2dBackward(dx: Floats, dy: Floats, g: Pool2dGeometry): void;
  /** Output p covers rows floor(p H / P) to ceil((p+1) H / P) - 1, columns alike. */
  adaptiveAvgPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void;
  adaptiveAvgPool2dBackward(dx: Floats, dy: Floats, g: AdaptivePool2dGeometry): void;
  adaptiveMaxPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void;
  adaptiveMaxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: AdaptivePool2dGeometry): void;
  /** y[p,q] = x[floor(p H / P), floor(q W / Q)] */
  upsampleNearest2d(y: Floats, x: Floats, g: Upsample2dGeometry): void;
  upsampleNearest2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void;
  /** Linear interpolation between the four nearest inputs; g.alignCorners as in PyTorch. */
  upsampleBilinear2d(y: Floats, x: Floats, g: Upsample2dGeometry): void;
  upsampleBilinear2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void;
}

/** What instruments know of these kernels. */
export const poolingTraits: KernelTraits<PoolingKernels> = {
  maxPool2dBackward: { deciding: [2] },
  adaptiveMaxPool2dBackward: { deciding: [2] },
};

export interface AdaptivePool2dGeometry {
  /** N times C. */
  readonly planes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

export interface Upsample2dGeometry extends AdaptivePool2dGeometry {
  readonly alignCorners: boolean;
}
