import { checkWhole, LARGEST_SIZE, type Pair, pair, shown } from '../base/check.js';
import { describeValue } from '../base/describeValue.js';
import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape, type Shape } from '../base/shape.js';

/** One number for all sides, [height, width], or [top, right, bottom, left]; 'valid' is none, 'same' keeps the size at stride 1. */
export type Padding = number | readonly [number, number] | readonly [number, number, number, number] | 'valid' | 'same';

/** Options of `conv2d`. */
export interface Conv2dOptions {
  /** Step between neighboring windows. Default 1. */
  stride?: Pair | undefined;
  /** Zeros around the image. Default 0. */
  padding?: Padding | undefined;
  /** Distance between neighboring taps of the filter. Default 1. */
  dilation?: Pair | undefined;
  /** Independent convolutions side by side; as many as channels makes it depthwise. Default 1. */
  groups?: number | undefined;
}

/** Options of `convTranspose2d`. */
export interface ConvTranspose2dOptions {
  /** Step between the places where neighboring input pixels stamp the filter. Default 1. */
  stride?: Pair | undefined;
  /** Rows and columns cut off each side of the output. Default 0. */
  padding?: Pair | undefined;
  /** Rows and columns added at the bottom and right; less than the stride or the dilation. Default 0. */
  outputPadding?: Pair | undefined;
  /** Distance between neighboring taps of the filter. Default 1. */
  dilation?: Pair | undefined;
  /** Independent transposed convolutions side by side. Default 1. */
  groups?: number | undefined;
}

/** Options that all poolings with a window share. */
export interface Pool2dOptions {
  /** Height and width of the window, in pixels. */
  kernelSize: Pair;
  /** Default: kernelSize, so that windows tile the image. */
  stride?: Pair | undefined;
  /** At most half the kernel, so that no window lies in the padding alone. Default 0. */
  padding?: Pair | undefined;
  /** Counts a last, partial window instead of dropping it. Default false. */
  ceilMode?: boolean | undefined;
  /** Average pooling: the zeros of the padding count in the divisor. Default true. */
  countIncludePad?: boolean | undefined;
}

/** Everything that a convolution kernel needs to know: whole numbers, always built by `conv2dGeometry`. */
export interface Conv2dGeometry {
  readonly batch: number;
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly groups: number;
}

export interface Pool2dGeometry {
  /** N times C: pooling treats every channel alike. */
  readonly planes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly countIncludePad: boolean;
}

/**
 * The output size of a convolution along one axis: `floor((n + p - d (f - 1) - 1) / s) + 1`, p the padding of both ends.
 *
 * With padding p on each end and no dilation this is `floor((n + 2p - f) / s) + 1`. Worked numbers:
 * - a 6x6x3 image with a 3x3x3 filter gives 4x4: (6 + 0 - 3) / 1 + 1
 * - padding 1 keeps 6x6: (6 + 2 - 3) / 1 + 1; in general 'same' is p = (f - 1) / 2 at stride 1
 * - a 7x7 image, 3x3 filter, stride 2 gives 3x3: (7 - 3) / 2 + 1
 * - 224 with a 7x7 filter, stride 2, padding 3 gives 112: floor((224 + 6 - 7) / 2) + 1
 * - a 3x3 filter with dilation 2 covers 5: 6 -> 2
 *
 * 'same' gives ceil(n / s), as in TensorFlow.
 *
 * Throws `ArgumentError` for a size, stride or dilation that is not a whole number >= 1, `ShapeError` when the window is larger
 * than the padded input.
 *
 * Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning" (arXiv:1603.07285), relationship 6 and section 5.1.
 */
export function conv2dOutputSize(
  n: number,
  f: number,
  options: {
    stride?: number | undefined;
    padding?: number | 'valid' | 'same' | undefined;
    dilation?: number | undefined;
  } = {},
): number {
  checkObject('conv2dOutputSize', options);
  const { stride = 1, padding = 0, dilation = 1 } = options;
  checkWhole('conv2dOutputSize', 'input size', n, 0);
  checkWhole('conv2dOutputSize', 'kernel size', f, 1);
  checkWhole('conv2dOutputSize', 'stride', stride, 1);
  checkWhole('conv2dOutputSize', 'dilation', dilation, 1);
  const [before, after] =
    padding === 'same' ? samePadding(n, f, stride, dilation) : bothEnds('conv2dOutputSize', padding);
  return outputSize('conv2dOutputSize', 'the axis', n, f, stride, dilation, before, after, false);
}

/**
 * The output size of pooling along one axis: `floor((n + 2p - f) / s) + 1`, the stride being the kernel size unless given.
 *
 * With ceilMode the division rounds up, so that a last window may reach over the end, even the only one; but one that would begin
 * in the padding behind the image is dropped.
 * Worked numbers: 28 with a 2x2 window at stride 2 gives 14; 13 gives 6, and 7 with ceilMode; 112 with 3x3, stride 2, padding 1 gives 56.
 *
 * Throws as `conv2dOutputSize`, and `ArgumentError` when the padding is more than half the kernel.
 */
export function pool2dOutputSize(
  n: number,
  f: number,
  options: { stride?: number | undefined; padding?: number | undefined; ceilMode?: boolean | undefined } = {},
): number {
  checkObject('pool2dOutputSize', options);
  const { stride = f, padding = 0, ceilMode = false } = options;
  checkWhole('pool2dOutputSize', 'input size', n, 0);
  checkWhole('pool2dOutputSize', 'kernel size', f, 1);
  checkWhole('pool2dOutputSize', 'stride', stride, 1);
  checkPoolPadding('pool2dOutputSize', padding, f);
  return outputSize('pool2dOutputSize', 'the axis', n, f, stride, 1, padding, padding, ceilMode);
}

/**
 * The output size of a transposed convolution along one axis: `(n - 1) s - 2p + d (f - 1) + outputPadding + 1`, an input
 * size for which a convolution with the same options gives n. With a stride there are several: outputPadding chooses.
 *
 * Worked numbers: 4 with a 2x2 filter and stride 2 gives 8; 7 with 3x3, stride 2, padding 1 gives 13, and 14 with
 * outputPadding 1; 4 with 3x3 gives 6.
 *
 * Throws `ArgumentError` for an option that is not a whole number in range, or an outputPadding that is neither below the
 * stride nor below the dilation; `ShapeError` when the padding cuts everything away.
 *
 * Source: Dumoulin and Visin 2016 (arXiv:1603.07285), relationship 14.
 */
export function convTranspose2dOutputSize(
  n: number,
  f: number,
  options: {
    stride?: number | undefined;
    padding?: number | undefined;
    outputPadding?: number | undefined;
    dilation?: number | undefined;
  } = {},
): number {
  checkObject('convTranspose2dOutputSize', options);
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  return transposedSize('convTranspose2dOutputSize', 'the axis', n, f, stride, padding, outputPadding, dilation);
}

function transposedSize(
  op: string,
  axis: string,
  n: number,
  f: number,
  stride: number,
  padding: number,
  outputPadding: number,
  dilation: number,
): number {
  checkWhole(op, 'input size', n, 1);
  checkWhole(op, 'kernel size', f, 1);
  checkWhole(op, 'stride', stride, 1);
  checkWhole(op, 'dilation', dilation, 1);
  checkWhole(op, 'padding', padding, 0);
  checkWhole(op, 'outputPadding', outputPadding, 0);
  if (outputPadding >= Math.max(stride, dilation)) {
    throw new ArgumentError(
      `${op}: outputPadding is ${outputPadding}, but must be below the stride ${stride} or the dilation ${dilation}.`,
    );
  }
  checkExtent(op, 'kernel', axis, dilation * (f - 1) + 1);
  const size = (n - 1) * stride - 2 * padding + dilation * (f - 1) + outputPadding + 1;
  checkExtent(op, 'output', axis, size + 2 * padding);
  if (size < 1) {
    throw new ShapeError(
      `${op}: input size ${n} along ${axis} with kernel ${f}, stride ${stride}, dilation ${dilation} and padding ${padding} leaves an output of ${size}. Use less padding.`,
    );
  }
  return size;
}

/** Checks the options of a convolution against the shapes of x [N, C, H, W] and w [O, C/groups, R, S]. */
export function conv2dGeometry(op: string, x: Shape, w: Shape, options: Conv2dOptions): Conv2dGeometry {
  const [batch, inChannels, inHeight, inWidth] = x as [number, number, number, number];
  const [outChannels, groupChannels, kernelHeight, kernelWidth] = w as [number, number, number, number];
  const [strideHeight, strideWidth] = pair(op, 'stride', options.stride ?? 1, 1);
  const [dilationHeight, dilationWidth] = pair(op, 'dilation', options.dilation ?? 1, 1);
  const groups = checkWhole(op, 'groups', options.groups ?? 1, 1);
  checkWhole(op, 'kernel height', kernelHeight, 1);
  checkWhole(op, 'kernel width', kernelWidth, 1);
  checkChannels(op, x, w, groups, inChannels, groupChannels, outChannels);
  const [top, right, bottom, left] = fourSides(op, options.padding ?? 0, [
    [inHeight, kernelHeight, strideHeight, dilationHeight],
    [inWidth, kernelWidth, strideWidth, dilationWidth],
  ]);
  return Object.freeze({
    batch,
    inChannels,
    inHeight,
    inWidth,
    outChannels,
    outHeight: outputSize(op, 'height', inHeight, kernelHeight, strideHeight, dilationHeight, top, bottom, false),
    outWidth: outputSize(op, 'width', inWidth, kernelWidth, strideWidth, dilationWidth, left, right, false),
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    padTop: top,
    padLeft: left,
    dilationHeight,
    dilationWidth,
    groups,
  });
}

/** Whether the only window is the whole image, a tap for each pixel, so that the convolution is a matrix product. */
export function isWholeImage(g: Conv2dGeometry): boolean {
  const isAligned = g.padTop === 0 && g.padLeft === 0 && g.inHeight === g.kernelHeight && g.inWidth === g.kernelWidth;
  // With a dilation the taps would end beyond the image, in its padding.
  const isDense = (g.dilationHeight === 1 || g.kernelHeight === 1) && (g.dilationWidth === 1 || g.kernelWidth === 1);
  return isAligned && isDense && g.outHeight === 1 && g.outWidth === 1 && g.groups === 1;
}

/**
 * Checks the options of a transposed convolution against the shapes of x [N, C, H, W] and w [C, O/groups, R, S]. The result
 * describes the convolution that it transposes: that one's input is y [N, O, P, Q], its output x.
 */
export function convTranspose2dGeometry(
  op: string,
  x: Shape,
  w: Shape,
  options: ConvTranspose2dOptions,
): Conv2dGeometry {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [filters, perGroup, kernelHeight, kernelWidth] = w as [number, number, number, number];
  const [strideHeight, strideWidth] = pair(op, 'stride', options.stride ?? 1, 1);
  const [padTop, padLeft] = pair(op, 'padding', options.padding ?? 0, 0);
  const [extraHeight, extraWidth] = pair(op, 'outputPadding', options.outputPadding ?? 0, 0);
  const [dilationHeight, dilationWidth] = pair(op, 'dilation', options.dilation ?? 1, 1);
  const groups = checkWhole(op, 'groups', options.groups ?? 1, 1);
  if (channels !== filters) {
    throw new ShapeError(
      `${op}: x ${formatShape(x)} has ${channels} channels, but w ${formatShape(w)} needs ${filters}. Its axes are [C, O/groups, R, S].`,
    );
  }
  if (channels % groups !== 0) {
    throw new ShapeError(`${op}: groups=${groups} must divide the ${channels} input channels.`);
  }
  return Object.freeze({
    batch,
    inChannels: perGroup * groups,
    inHeight: transposedSize(op, 'height', height, kernelHeight, strideHeight, padTop, extraHeight, dilationHeight),
    inWidth: transposedSize(op, 'width', width, kernelWidth, strideWidth, padLeft, extraWidth, dilationWidth),
    outChannels: channels,
    outHeight: height,
    outWidth: width,
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    padTop,
    padLeft,
    dilationHeight,
    dilationWidth,
    groups,
  });
}

/** Checks the options of a pooling against the shape of x [N, C, H, W]. */
export function pool2dGeometry(op: string, x: Shape, options: Pool2dOptions): Pool2dGeometry {
  const [batch, channels, inHeight, inWidth] = x as [number, number, number, number];
  const [kernelHeight, kernelWidth] = pair(op, 'kernelSize', options.kernelSize, 1);
  const [strideHeight, strideWidth] = pair(op, 'stride', options.stride ?? [kernelHeight, kernelWidth], 1);
  const [padTop, padLeft] = pair(op, 'padding', options.padding ?? 0, 0);
  checkPoolPadding(op, padTop, kernelHeight);
  checkPoolPadding(op, padLeft, kernelWidth);
  const ceilMode = options.ceilMode ?? false;
  return Object.freeze({
    planes: batch * channels,
    inHeight,
    inWidth,
    outHeight: outputSize(op, 'height', inHeight, kernelHeight, strideHeight, 1, padTop, padTop, ceilMode),
    outWidth: outputSize(op, 'width', inWidth, kernelWidth, strideWidth, 1, padLeft, padLeft, ceilMode),
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    padTop,
    padLeft,
    countIncludePad: options.countIncludePad ?? true,
  });
}

type Axis = readonly [n: number, f: number, stride: number, dilation: number];

/** Padding in any of its forms as [top, right, bottom, left]. */
function fourSides(
  op: string,
  padding: Padding,
  axes: readonly [Axis, Axis],
): readonly [number, number, number, number] {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding === 'same') {
    const [top, bottom] = samePadding(...axes[0]);
    const [left, right] = samePadding(...axes[1]);
    return [top, right, bottom, left];
  }
  const sides: readonly number[] = typeof padding === 'number' ? [padding] : padding;
  if (!Array.isArray(sides) || ![1, 2, 4].includes(sides.length)) {
    throw new ArgumentError(
      `${op}: padding is ${shown(padding)}, but must be a number, [height, width], [top, right, bottom, left], 'valid' or 'same'.`,
    );
  }
  for (const p of sides) checkWhole(op, 'padding', p, 0);
  const [a, b = a, c = a, d = b] = sides as [number, number?, number?, number?];
  return [a, b as number, c as number, d as number];
}

/** 'same': what makes the output ceil(n / s); the odd one goes behind, as in TensorFlow. */
function samePadding(n: number, f: number, stride: number, dilation: number): readonly [number, number] {
  const total = Math.max(0, (Math.ceil(n / stride) - 1) * stride + dilation * (f - 1) + 1 - n);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

function bothEnds(op: string, padding: number | 'valid'): readonly [number, number] {
  if (padding === 'valid') return [0, 0];
  checkWhole(op, 'padding', padding, 0);
  return [padding, padding];
}

function outputSize(
  op: string,
  axis: string,
  n: number,
  f: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
  ceilMode: boolean,
): number {
  const extent = dilation * (f - 1) + 1;
  checkExtent(op, 'window', axis, extent);
  checkExtent(op, 'padded input', axis, n + before + after);
  const span = n + before + after - extent;
  // Rounded up, a window that reaches over the end by less than a stride still counts.
  if (span < 0 && (!ceilMode || span <= -stride || n === 0)) {
    throw new ShapeError(
      `${op}: the window covers ${extent} along ${axis}, but the padded input only ${n + before + after} (${n} + ${before} + ${after}). Use a larger image, more padding or a smaller kernel.`,
    );
  }
  if (!ceilMode) return Math.floor(span / stride) + 1;
  const size = Math.ceil(span / stride) + 1;
  return (size - 1) * stride >= n + before ? size - 1 : size;
}

function checkObject(op: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new ArgumentError(`${op}: the options are ${describeValue(options)}, but must be an object.`);
}

/** Kernels count positions in 32 bits, along the padded image and a window over its end. */
function checkExtent(op: string, what: string, axis: string, extent: number): void {
  if (extent <= LARGEST_SIZE) return;
  throw new ArgumentError(
    `${op}: the ${what} covers ${extent} along ${axis}, but at most ${LARGEST_SIZE} is possible.`,
  );
}

function checkPoolPadding(op: string, padding: number, f: number): void {
  checkWhole(op, 'padding', padding, 0);
  if (padding > f / 2) {
    throw new ArgumentError(
      `${op}: padding ${padding} is more than half the kernel ${f}; a window would see no image.`,
    );
  }
}

function checkChannels(op: string, x: Shape, w: Shape, groups: number, c: number, perGroup: number, o: number): void {
  if (c % groups !== 0 || o % groups !== 0) {
    throw new ShapeError(`${op}: groups=${groups} must divide both the ${c} input and the ${o} output channels.`);
  }
  if (c !== perGroup * groups) {
    throw new ShapeError(
      `${op}: x ${formatShape(x)} has ${c} channels, but w ${formatShape(w)} with groups=${groups} needs ${perGroup * groups}. Pass inChannels=${c}, or set groups.`,
    );
  }
}
