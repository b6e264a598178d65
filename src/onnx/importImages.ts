import { adaptiveAvgPool2d } from '../tensor/ops/adaptiveAvgPool2d.js';
import { adaptiveMaxPool2d } from '../tensor/ops/adaptiveMaxPool2d.js';
import { avgPool2d } from '../tensor/ops/avgPool2d.js';
import { conv2d } from '../tensor/ops/conv2d.js';
import { convTranspose2d } from '../tensor/ops/convTranspose2d.js';
import { div } from '../tensor/ops/div.js';
import { localResponseNorm } from '../tensor/ops/localResponseNorm.js';
import { maxPool2d } from '../tensor/ops/maxPool2d.js';
import { pad } from '../tensor/ops/pad.js';
import { upsample2d } from '../tensor/ops/upsample2d.js';
import { Tensor } from '../tensor/tensor.js';
import { tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { numbersOf } from './values.js';

type Sides = readonly [top: number, left: number, bottom: number, right: number];

/** Operations on images [N, C, H, W]. */
export const images: Record<string, ImportOp> = {
  Conv: (node) => {
    const options = {
      stride: node.pair('strides', 1, 1),
      dilation: node.pair('dilations', 1, 1),
      groups: node.int('group', 1),
    };
    const sides = sidesOf(node);
    return ([x, w, b]) => {
      const [image, filter] = [tensorOf(node, x), tensorOf(node, w)];
      const extent = [0, 1].map((i) => (filter.shape[i + 2] - 1) * options.dilation[i] + 1);
      const [top, left, bottom, right] = sides(image.shape.slice(2), extent, options.stride);
      return conv2d(image, filter, b ? tensorOf(node, b) : null, { ...options, padding: [top, right, bottom, left] });
    };
  },
  ConvTranspose: (node) => {
    const [top, left, bottom, right] = node.pads();
    node.check(top === bottom && left === right, `has pads [${node.pads()}]; only equal ones on both sides are read`);
    node.check(node.ints('output_shape') === undefined, 'has output_shape; only pads and output_padding are read');
    const options = {
      stride: node.pair('strides', 1, 1),
      dilation: node.pair('dilations', 1, 1),
      outputPadding: node.pair('output_padding', 0, 0),
      padding: [top, left] as const,
      groups: node.int('group', 1),
    };
    return ([x, w, b]) => convTranspose2d(tensorOf(node, x), tensorOf(node, w), b ? tensorOf(node, b) : null, options);
  },
  MaxPool: (node) => {
    const options = poolOptions(node);
    const sides = sidesOf(node);
    return ([x]) => {
      const image = tensorOf(node, x);
      const around = sides(image.shape.slice(2), options.kernelSize, options.stride);
      const padding = symmetric(around, options.kernelSize);
      if (padding) return maxPool2d(image, { ...options, padding });
      return maxPool2d(padded(image, around, -Infinity), options);
    };
  },
  AveragePool: (node) => {
    const options = poolOptions(node);
    const sides = sidesOf(node);
    const countIncludePad = node.int('count_include_pad', 0) === 1;
    return ([x]) => {
      const image = tensorOf(node, x);
      const around = sides(image.shape.slice(2), options.kernelSize, options.stride);
      const padding = symmetric(around, options.kernelSize);
      if (padding) return avgPool2d(image, { ...options, padding, countIncludePad });
      const sums = avgPool2d(padded(image, around, 0), options);
      if (countIncludePad) return sums;
      // The share of each window that lies on the image: what the sum must be divided by instead of the window's size.
      const ones = Tensor.ones([1, 1, ...image.shape.slice(2)]);
      return div(sums, avgPool2d(padded(ones, around, 0), options));
    };
  },
  GlobalAveragePool:
    (node) =>
    ([x]) =>
      adaptiveAvgPool2d(tensorOf(node, x), 1),
  GlobalMaxPool:
    (node) =>
    ([x]) =>
      adaptiveMaxPool2d(tensorOf(node, x), 1),
  LRN: (node) => {
    const options = {
      size: node.int('size', 1),
      alpha: node.float('alpha', 1e-4),
      beta: node.float('beta', 0.75),
      k: node.float('bias', 1),
    };
    node.check(options.size % 2 === 1, `has size ${options.size}; only odd ones are read`);
    return ([x]) => localResponseNorm(tensorOf(node, x), options);
  },
  Pad: (node) => {
    const mode = ({ constant: 'zero', reflect: 'reflect', edge: 'replicate' } as const)[node.text('mode', 'constant')];
    if (mode === undefined) throw node.error(`has mode '${node.text('mode', '')}', which is not read`);
    return ([x, pads, value, axes]) => {
      const image = tensorOf(node, x);
      const rank = image.shape.length;
      const given = pads ? numbersOf(pads) : (node.ints('pads') ?? []);
      const named = axes ? numbersOf(axes).map((a) => (a < 0 ? a + rank : a)) : image.shape.map((_, axis) => axis);
      const side = (axis: number, end: number): number => {
        const at = named.indexOf(axis);
        return at < 0 ? 0 : given[at + end * named.length];
      };
      for (let axis = 0; axis < rank - 2; axis++) {
        node.check(side(axis, 0) === 0 && side(axis, 1) === 0, `pads axis ${axis}; only height and width are read`);
      }
      const [h, w] = [rank - 2, rank - 1];
      const fill = value ? numbersOf(value)[0] : node.float('value', 0);
      return pad(image, [side(h, 0), side(w, 1), side(h, 1), side(w, 0)], { mode, value: fill });
    };
  },
  Resize: resize,
  Upsample: resize,
};

function poolOptions(node: ImportNode): { kernelSize: [number, number]; stride: [number, number]; ceilMode: boolean } {
  node.check(
    node.pair('dilations', 1, 1).every((d) => d === 1),
    'has dilations, which pooling here does not have',
  );
  const kernelSize = node.pair('kernel_shape', 1, 1);
  return { kernelSize, stride: node.pair('strides', 1, 1), ceilMode: node.int('ceil_mode', 0) === 1 };
}

/** The padding, given the image's size, what a window covers, and the stride: from pads, or as auto_pad says. */
function sidesOf(
  node: ImportNode,
): (size: readonly number[], extent: readonly number[], stride: readonly number[]) => Sides {
  const auto = node.text('auto_pad', 'NOTSET');
  const pads = node.pads();
  if (auto === 'NOTSET' || auto === '') return () => pads;
  if (auto === 'VALID') return () => [0, 0, 0, 0];
  node.check(auto === 'SAME_UPPER' || auto === 'SAME_LOWER', `has auto_pad '${auto}', which ONNX does not know`);
  return (size, extent, stride) => {
    const total = size.map((n, i) => Math.max(0, (Math.ceil(n / stride[i]) - 1) * stride[i] + extent[i] - n));
    const before = total.map((t) => (auto === 'SAME_UPPER' ? Math.floor(t / 2) : Math.ceil(t / 2)));
    return [before[0], before[1], total[0] - before[0], total[1] - before[1]];
  };
}

/** The padding as pooling takes it, where both ends have as much and no window lies in it alone. */
function symmetric([top, left, bottom, right]: Sides, kernel: readonly [number, number]): [number, number] | null {
  return top === bottom && left === right && top <= kernel[0] / 2 && left <= kernel[1] / 2 ? [top, left] : null;
}

function padded(x: Tensor, [top, left, bottom, right]: Sides, value: number): Tensor {
  return pad(x, [top, right, bottom, left], { value });
}

function resize(node: ImportNode): ReturnType<ImportOp> {
  const mode = node.text('mode', 'nearest');
  const coordinates = node.text('coordinate_transformation_mode', node.opset < 11 ? 'asymmetric' : 'half_pixel');
  const nearest = mode === 'nearest' && coordinates === 'asymmetric';
  const alignCorners = coordinates === 'align_corners';
  const linear =
    mode === 'linear' && (alignCorners || coordinates === 'half_pixel' || coordinates === 'pytorch_half_pixel');
  node.check(nearest || linear, `has mode '${mode}' with '${coordinates}', which is not read`);
  node.check(
    !nearest || node.text('nearest_mode', 'floor') === 'floor',
    `has nearest_mode '${node.text('nearest_mode', '')}'; only 'floor' is read`,
  );
  return (inputs) => {
    const x = tensorOf(node, inputs[0]);
    const scales = inputs[node.opset < 11 ? 1 : 2];
    const sizes = inputs[3];
    const factors = scales ? numbersOf(scales) : [];
    const size = sizes ? numbersOf(sizes) : x.shape.map((n, axis) => Math.floor(n * (factors[axis] ?? 1)));
    node.check(
      size.length === 4 && size[0] === x.shape[0] && size[1] === x.shape[1],
      'resizes more than height and width',
    );
    const options = { size: [size[2], size[3]] as const };
    return nearest ? upsample2d(x, options) : upsample2d(x, { ...options, mode: 'bilinear', alignCorners });
  };
}
