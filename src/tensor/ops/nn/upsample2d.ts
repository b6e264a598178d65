import { type Pair, pair, shown } from '../../../base/check.js';
import { describeValue } from '../../../base/describeValue.js';
import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, type Shape } from '../../../base/shape.js';
import type { Upsample2dGeometry } from '../../../kernels/contracts/pooling.js';
import { poolingKernels } from '../../../kernels/families/pooling.js';
import { checkOptionsObject } from '../../checkArguments.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { expectImages } from './images.js';

/** Options of `upsample2d`. */
export interface Upsample2dOptions {
  /** The output's [height, width], or one number for both. Give either this or `scale`. */
  size?: Pair | undefined;
  /** A factor for height and width, or one for each; need not be whole. The output has floor(n * scale). */
  scale?: Pair | undefined;
  /** 'nearest' copies pixels, 'bilinear' draws straight lines between them. Default 'nearest'. */
  mode?: 'nearest' | 'bilinear' | undefined;
  /** Bilinear: puts the corner pixels of input and output on each other, instead of the corners of those pixels. Default false. */
  alignCorners?: boolean | undefined;
}

/**
 * Resizes images, usually to larger ones.
 *
 * nearest: y[p,q] = x[floor(p H / P), floor(q W / Q)].
 *
 * bilinear: output p lies at v = (p + 1/2) H / P - 1/2 of the input, cut to 0 ... H - 1 (with alignCorners at p (H - 1) / (P - 1)), and is
 * (1 - a) x[h] + a x[h + 1] with h = floor(v), a = v - h; columns alike.
 *
 * Shapes: x [N, C, H, W] -> y [N, C, P, Q]
 *
 * Throws `ArgumentError` unless exactly one of size and scale is given, for a mode of another name, and for alignCorners with 'nearest';
 * `ShapeError` when nothing would be left.
 *
 * Source: the two conventions are PyTorch's. Where n * scale is not whole, the image is stretched to the rounded size exactly,
 * as PyTorch does with recompute_scale_factor.
 *
 * @example
 * upsample2d(Tensor.zeros([8, 16, 32, 32]), { scale: 2, mode: 'bilinear' }).shape; // [8, 16, 64, 64]
 */
export function upsample2d(x: Tensor, options: Upsample2dOptions): Tensor {
  checkTensor('upsample2d', 'x', x);
  checkOptionsObject('upsample2d', options, '{ scale: 2 }');
  const { mode = 'nearest' } = options;
  expectImages('upsample2d', x.shape);
  const g = upsample2dGeometry(x.shape, mode, options);
  const y = Tensor.empty('upsample2d', [x.shape[0], x.shape[1], g.outHeight, g.outWidth]);
  if (mode === 'nearest') poolingKernels.upsampleNearest2d(y.data, x.data, g);
  else poolingKernels.upsampleBilinear2d(y.data, x.data, g);

  record(
    'upsample2d',
    [x],
    y,
    (dy, [dx]) => {
      if (!dx) return;
      if (mode === 'nearest') poolingKernels.upsampleNearest2dBackward(dx.data, dy.data, g);
      else poolingKernels.upsampleBilinear2dBackward(dx.data, dy.data, g);
    },
    { attributes: { mode, alignCorners: g.alignCorners } },
  );
  return y;
}

function upsample2dGeometry(x: Shape, mode: string, options: Upsample2dOptions): Upsample2dGeometry {
  const { size, scale, alignCorners = false } = options;
  if (mode !== 'nearest' && mode !== 'bilinear') {
    throw new ArgumentError(`upsample2d: mode is ${describeValue(mode)}, but must be 'nearest' or 'bilinear'.`);
  }
  if (alignCorners && mode === 'nearest') {
    throw new ArgumentError(
      "upsample2d: alignCorners has no meaning for mode 'nearest'. Leave it out, or use 'bilinear'.",
    );
  }
  const [batch, channels, inHeight, inWidth] = x;
  const [outHeight, outWidth] = outputSize(x, size, scale);
  return Object.freeze({ planes: batch * channels, inHeight, inWidth, outHeight, outWidth, alignCorners });
}

function outputSize(x: Shape, size: Pair | undefined, scale: Pair | undefined): readonly [number, number] {
  if (size !== undefined && scale === undefined) return pair('upsample2d', 'size', size, 1);
  if (scale === undefined || size !== undefined) {
    throw new ArgumentError(
      `upsample2d: needs either size or scale, but got ${size === undefined ? 'neither' : `size ${shown(size)} and scale ${shown(scale)}`}.`,
    );
  }
  const factors: readonly number[] = typeof scale === 'number' ? [scale, scale] : scale;
  if (!Array.isArray(factors) || factors.length !== 2 || !factors.every((f) => Number.isFinite(f) && f > 0)) {
    throw new ArgumentError(
      `upsample2d: scale is ${shown(scale)}, but must be a number above 0, or two of them, [height, width].`,
    );
  }
  const height = Math.floor(x[2] * factors[0]);
  const width = Math.floor(x[3] * factors[1]);
  if (height < 1 || width < 1) {
    throw new ShapeError(
      `upsample2d: scale ${shown(scale)} leaves ${height} x ${width} of x ${formatShape(x)}; at least one pixel must be left.`,
    );
  }
  return pair('upsample2d', 'the scaled size', [height, width], 1);
}
