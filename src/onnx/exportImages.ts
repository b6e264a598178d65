import type { LocalResponseNormGeometry } from '../kernels/contracts/normalization.js';
import type { Conv2dGeometry, Pool2dGeometry } from '../kernels/geometry.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ExportOp } from './exportElementwise.js';
import type { GraphBuilder } from './graphBuilder.js';
import type { TracedOp } from './trace.js';

/** Operations on images [N, C, H, W]. */
export const images: Record<string, ExportOp> = {
  conv2d,
  convTranspose2d,
  maxPool2d: (b, { inputs: [x], attributes }) => {
    const g = attributes as Pool2dGeometry;
    return b.add('MaxPool', [x], window(g, poolPads(g)));
  },
  avgPool2d,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  globalAvgPool2d: (b, { inputs: [x] }) => b.add('Flatten', [b.add('GlobalAveragePool', [x])], { axis: 1 }),
  globalMaxPool2d: (b, { inputs: [x] }) => b.add('Flatten', [b.add('GlobalMaxPool', [x])], { axis: 1 }),
  localResponseNorm,
  pad,
  upsample2d,
};

/** The padding behind an axis: as much as before it where that gives the same size, or what the last window needs. */
function behind(n: number, f: number, stride: number, dilation: number, before: number, out: number): number {
  const extent = dilation * (f - 1) + 1;
  if (Math.floor((n + 2 * before - extent) / stride) + 1 === out) return before;
  return Math.max(0, (out - 1) * stride + extent - n - before);
}

function conv2d(b: GraphBuilder, { inputs, attributes }: TracedOp): string {
  const g = attributes as Conv2dGeometry;
  const bottom = behind(g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop, g.outHeight);
  const right = behind(g.inWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft, g.outWidth);
  return b.add('Conv', inputs, { ...window(g, [g.padTop, g.padLeft, bottom, right]), ...dilationsAndGroup(g) });
}

/** The geometry is that of the convolution which this transposes: its input is our output. */
function convTranspose2d(b: GraphBuilder, { inputs, attributes }: TracedOp): string {
  const g = attributes as Conv2dGeometry;
  const extra = (n: number, out: number, f: number, stride: number, dilation: number, before: number): number =>
    n - ((out - 1) * stride - 2 * before + dilation * (f - 1) + 1);
  return b.add('ConvTranspose', inputs, {
    ...window(g, [g.padTop, g.padLeft, g.padTop, g.padLeft]),
    ...dilationsAndGroup(g),
    output_padding: [
      extra(g.inHeight, g.outHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop),
      extra(g.inWidth, g.outWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft),
    ],
  });
}

function window(
  g: Pick<Pool2dGeometry, 'kernelHeight' | 'kernelWidth' | 'strideHeight' | 'strideWidth'>,
  pads: readonly number[],
): { kernel_shape: number[]; strides: number[]; pads: readonly number[] } {
  return { kernel_shape: [g.kernelHeight, g.kernelWidth], strides: [g.strideHeight, g.strideWidth], pads };
}

function dilationsAndGroup(g: Conv2dGeometry): { dilations: number[]; group: number } {
  return { dilations: [g.dilationHeight, g.dilationWidth], group: g.groups };
}

/** [top, left, bottom, right]; a last, partial window of ceilMode is given the padding that it needs. */
function poolPads(g: Pool2dGeometry): [number, number, number, number] {
  return [
    g.padTop,
    g.padLeft,
    behind(g.inHeight, g.kernelHeight, g.strideHeight, 1, g.padTop, g.outHeight),
    behind(g.inWidth, g.kernelWidth, g.strideWidth, 1, g.padLeft, g.outWidth),
  ];
}

function avgPool2d(b: GraphBuilder, { inputs: [x], attributes }: TracedOp): string {
  const g = attributes as Pool2dGeometry;
  const [top, left, bottom, right] = poolPads(g);
  const padded = top + left > 0 && g.countIncludePad;
  if (!padded || (top === bottom && left === right)) {
    return b.add('AveragePool', [x], { ...window(g, [top, left, bottom, right]), count_include_pad: padded ? 1 : 0 });
  }
  // Padding counts in the divisor, but what a partial window lacks beyond it does not.
  const zeros = b.add('Pad', [x, b.ints([0, 0, top, left, 0, 0, top, left])]);
  const beyond = [0, 0, Math.max(0, bottom - top), Math.max(0, right - left)];
  return b.add('AveragePool', [zeros], { ...window(g, beyond), count_include_pad: 0 });
}

function adaptiveAvgPool2d(b: GraphBuilder, { inputs: [x], output }: TracedOp): string {
  const tiles = tiling(x, output);
  if (output.shape[2] === 1 && output.shape[3] === 1) return b.add('GlobalAveragePool', [x]);
  if (tiles) return b.add('AveragePool', [x], tiles);
  // Windows of several sizes: a mean along each axis, which is a product with a matrix of weights.
  const rows = b.add('MatMul', [averaging(b, x.shape[2], output.shape[2]), x]);
  return b.add('MatMul', [rows, b.add('Transpose', [averaging(b, x.shape[3], output.shape[3])], { perm: [1, 0] })]);
}

function adaptiveMaxPool2d(b: GraphBuilder, { inputs: [x], output }: TracedOp): string {
  const tiles = tiling(x, output);
  if (output.shape[2] === 1 && output.shape[3] === 1) return b.add('GlobalMaxPool', [x]);
  if (tiles) return b.add('MaxPool', [x], tiles);
  let y = b.nameOf(x);
  for (const axis of [2, 3]) {
    const parts = windows(x.shape[axis], output.shape[axis]).map(([first, end]) => {
      const cut = b.add('Slice', [y, b.ints([first]), b.ints([end]), b.ints([axis])]);
      return b.opset >= 18 ? b.add('ReduceMax', [cut, b.ints([axis])]) : b.add('ReduceMax', [cut], { axes: [axis] });
    });
    y = b.add('Concat', parts, { axis });
  }
  return y;
}

/** An ordinary pooling that does the same, where windows have one size. */
function tiling(x: Tensor, y: Tensor): { kernel_shape: number[]; strides: number[] } | null {
  const kernel = [2, 3].map((axis) => x.shape[axis] / y.shape[axis]);
  return kernel.every(Number.isInteger) ? { kernel_shape: kernel, strides: kernel } : null;
}

/** Where the windows of adaptive pooling begin and end along an axis. */
function windows(n: number, out: number): [first: number, end: number][] {
  return Array.from({ length: out }, (_, i) => [Math.floor((i * n) / out), Math.ceil(((i + 1) * n) / out)]);
}

function averaging(b: GraphBuilder, n: number, out: number): string {
  const matrix = new Float32Array(out * n);
  for (const [i, [first, end]] of windows(n, out).entries()) matrix.fill(1 / (end - first), i * n + first, i * n + end);
  return b.floats(matrix, [out, n]);
}

function localResponseNorm(b: GraphBuilder, { inputs: [x], output, attributes }: TracedOp): string {
  const { channels, size, alpha, beta, k } = attributes as LocalResponseNormGeometry;
  if (size % 2 === 1) {
    return b.add('LRN', [x], { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: k } });
  }
  // LRN puts the odd neighbor of an even window behind the channel, this library before it.
  const squares = b.add('Reshape', [b.add('Mul', [x, x]), b.ints([0, 1, channels, -1])]);
  const sums = b.add('AveragePool', [squares], {
    kernel_shape: [size, 1],
    strides: [1, 1],
    pads: [size / 2, 0, size / 2 - 1, 0],
    count_include_pad: 1,
  });
  const damping = b.add('Add', [b.add('Mul', [sums, b.scalar(alpha)]), b.scalar(k)]);
  const divisor = b.add('Reshape', [b.add('Pow', [damping, b.scalar(beta)]), b.reshapeTarget(output)]);
  return b.add('Div', [x, divisor]);
}

function pad(b: GraphBuilder, { inputs: [x], attributes }: TracedOp): string {
  const { sides, mode, value } = attributes as { sides: readonly number[]; mode: string; value: number };
  const [top, right, bottom, left] = sides;
  const front = new Array<number>(x.shape.length - 2).fill(0);
  const pads = b.ints([...front, top, left, ...front, bottom, right]);
  if (mode === 'zero') return b.add('Pad', [x, pads, b.scalar(value)]);
  return b.add('Pad', [x, pads], { mode: mode === 'reflect' ? 'reflect' : 'edge' });
}

function upsample2d(b: GraphBuilder, { inputs: [x], output, attributes }: TracedOp): string {
  const { mode, alignCorners } = attributes as { mode: string; alignCorners: boolean };
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const linear = {
    mode: 'linear',
    coordinate_transformation_mode: alignCorners ? 'align_corners' : 'half_pixel',
  };
  return b.add('Resize', [x, '', '', b.shapeOf(output)], mode === 'nearest' ? nearest : linear);
}
