import type { Floats } from '../../memory/memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import type { KernelTraits } from '../traits.js';

/**
 * Kernels on 8-bit integers. An integer v stands for the number scale * (v - zero). Activations are channels-last, one image at a time:
 * pixel i begins `pixel` bytes after pixel i - 1, and its channels are consecutive bytes. The bytes between the channels of one pixel and the
 * next pixel are never written, and may hold anything.
 *
 * Sums are int32. A sum becomes an output in float32 without fused multiply-adds: v = float(sum) * multiplier, + residual, cut to
 * low - zero and high - zero, rounded half to even, + zero. So every table, engine and number of threads gives the same integers.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), sections 2.1 to 2.4; the multiplier is a float32 instead of a fixed-point number.
 */
export interface QuantizedKernels {
  /** y = cut(round(x * inverse) + zero): numbers [C, H, W] become bytes [H, W, C]. */
  int8Quantize(y: Int8Array, x: Floats, g: Int8ImageGeometry, range: Int8Range, inverse: number): void;
  /** y = (x - zero) * scale: bytes [H, W, C] become numbers [C, H, W]. */
  int8Dequantize(y: Floats, x: Int8Array, g: Int8ImageGeometry, zero: number, scale: number): void;
  /**
   * y[p,q,o] = output(bias[o] + sum over r,s,i of (x - g.xZero) * w[o,i,r,s]), w [O, C/groups, R, S], with multiplier[o] and, if there is a
   * residual of y's size, residualScale * (residual - residualZero). What lies outside of the image counts as g.xZero. `kept` is null, or what
   * `int8ConvPrepare` made of w, bias and multiplier.
   */
  int8Conv2d(
    y: Int8Array,
    x: Int8Array,
    w: Int8Array,
    bias: Int32Array,
    multiplier: Floats,
    residual: Int8Array | null,
    g: Int8ConvGeometry,
    workspace: Int8Array,
    kept: Int8Array | null,
  ): void;
  /** The same sums as numbers: y[o] = float(sum) * multiplier[o], for the last layer. The output is one pixel. */
  int8Linear(
    y: Floats,
    x: Int8Array,
    w: Int8Array,
    bias: Int32Array,
    multiplier: Floats,
    g: Int8ConvGeometry,
    kept: Int8Array | null,
  ): void;
  /** kept = w, bias and multiplier in the order in which the loops read them. */
  int8ConvPrepare(kept: Int8Array, w: Int8Array, bias: Int32Array, multiplier: Floats, g: Int8ConvGeometry): void;
  /** Bytes of `kept`; 0 where the loops read w, bias and multiplier as they are, and take null. */
  int8ConvKeptLength(g: Int8ConvGeometry): number;
  /** Bytes of workspace of `int8Conv2d`. */
  int8ConvWorkspace(g: Int8ConvGeometry): number;
  /** y = cut(round(aScale (a - aZero) + bScale (b - bZero)) + zero) on images of one size; the two scales are in units of y's. */
  int8Add(y: Int8Array, a: Int8Array, b: Int8Array, g: Int8PairGeometry, range: Int8Range): void;
  /** y = cut(round(scale * ((a - aZero) * (b - bZero))) + zero), where b has one number per channel: squeeze-and-excitation. */
  int8Scale(y: Int8Array, a: Int8Array, b: Int8Array, g: Int8ScaleGeometry, range: Int8Range): void;
  /** y = table[x], with byte -128 at index 128 and byte -1 at 255: activations of one number, and other scales. */
  int8Lookup(y: Int8Array, x: Int8Array, table: Int8Array, g: Int8CopyGeometry): void;
  /** y = the bytes of x. */
  int8Copy(y: Int8Array, x: Int8Array, g: Int8CopyGeometry): void;
  /** y = the largest byte of each window. */
  int8MaxPool(y: Int8Array, x: Int8Array, windows: Int32Array, g: Int8PoolGeometry): void;
  /** y = cut(round(float(sum of (x - xZero) in the window) * scale / divisor) + zero), the quotient in float32 first. */
  int8AvgPool(y: Int8Array, x: Int8Array, windows: Int32Array, g: Int8PoolGeometry, range: Int8Range): void;
}

/** Which bytes an activation may have, and which of them stands for 0. */
export interface Int8Range {
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

/** Pixels of an image, and bytes from one to the next. */
export interface Int8ImageGeometry {
  readonly channels: number;
  readonly pixels: number;
  readonly pixel: number;
}

export interface Int8CopyGeometry {
  readonly channels: number;
  readonly pixels: number;
  readonly xPixel: number;
  readonly yPixel: number;
}

export interface Int8PairGeometry {
  readonly channels: number;
  readonly pixels: number;
  readonly aPixel: number;
  readonly bPixel: number;
  readonly yPixel: number;
  readonly aZero: number;
  readonly bZero: number;
  readonly aScale: number;
  readonly bScale: number;
}

export interface Int8ScaleGeometry {
  readonly channels: number;
  readonly pixels: number;
  readonly aPixel: number;
  readonly yPixel: number;
  readonly aZero: number;
  readonly bZero: number;
  readonly scale: number;
}

/**
 * Windows are given by `windows`: for each row of outputs where its window begins and ends, and how many rows it counts for; then the same for
 * each column. The divisor is the product of the two counts.
 */
export interface Int8PoolGeometry {
  readonly channels: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly xPixel: number;
  readonly yPixel: number;
  readonly xZero: number;
  readonly scale: number;
}

/** A convolution of one image. `narrowX`: all bytes of x are 0 to 127; `narrowW`: all weights are -64 to 64. */
export interface Int8ConvGeometry extends Int8Range, Omit<Conv2dGeometry, 'batch'> {
  readonly xPixel: number;
  readonly yPixel: number;
  readonly xZero: number;
  readonly residualPixel: number;
  readonly residualZero: number;
  readonly residualScale: number;
  readonly narrowX: boolean;
  readonly narrowW: boolean;
}

/** What instruments know of these kernels. */
export const quantizedTraits: KernelTraits<QuantizedKernels> = {
  int8Quantize: { unchecked: true },
  int8Dequantize: { unchecked: true },
  int8Conv2d: { unchecked: true, flops: (_y, _x, _w, _bias, _multiplier, _residual, g) => int8ConvFlops(g) },
  int8Linear: { unchecked: true, flops: (_y, _x, _w, _bias, _multiplier, g) => int8ConvFlops(g) },
  int8ConvPrepare: { unchecked: true },
  int8ConvKeptLength: { query: true },
  int8ConvWorkspace: { query: true },
  int8Add: { unchecked: true },
  int8Scale: { unchecked: true },
  int8Lookup: { unchecked: true },
  int8Copy: { unchecked: true },
  int8MaxPool: { unchecked: true },
  int8AvgPool: { unchecked: true },
};

/** Multiplications and additions. */
export function int8ConvFlops(g: Int8ConvGeometry): number {
  const window = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  return 2 * g.outChannels * g.outHeight * g.outWidth * window;
}
