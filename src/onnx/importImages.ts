import { adaptiveAvgPool2d } from '../tensor/ops/adaptiveAvgPool2d.js';
import { adaptiveMaxPool2d } from '../tensor/ops/adaptiveMaxPool2d.js';
import { avgPool2d } from '../tensor/ops/avgPool2d.js';
import { concat } from '../tensor/ops/concat.js';
import { conv2d } from '../tensor/ops/conv2d.js';
import { convTranspose2d } from '../tensor/ops/convTranspose2d.js';
import { div } from '../tensor/ops/div.js';
import { localResponseNorm } from '../tensor/ops/localResponseNorm.js';
import { maxPool2d } from '../tensor/ops/maxPool2d.js';
import { pad } from '../tensor/ops/pad.js';
import { slice } from '../tensor/ops/slice.js';
import { Tensor } from '../tensor/tensor.js';
import { tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { hostSize, numbersOf } from './values.js';

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
      let y = tensorOf(node, x);
      const rank = y.shape.length;
      const given = pads ? numbersOf(pads) : (node.ints('pads') ?? []);
      const named = axes ? numbersOf(axes).map((a) => (a < 0 ? a + rank : a)) : y.shape.map((_, axis) => axis);
      node.check(
        given.length === 2 * named.length && given.every(Number.isInteger),
        `has pads [${given}] for ${named.length} axes`,
      );
      const fill = value ? numbersOf(value)[0] : node.float('value', 0);
      const around = [0, 0, 0, 0];
      for (const [at, axis] of named.entries()) {
        const [before, after] = [given[at], given[at + named.length]];
        // Less than nothing cuts.
        if (before < 0 || after < 0) y = slice(y, axis, Math.max(0, -before), y.shape[axis] - Math.max(0, -after));
        const [first, last] = [Math.max(0, before), Math.max(0, after)];
        hostSize(node.title, [first + last]);
        if (axis >= rank - 2 && rank >= 2) {
          around[axis === rank - 1 ? 3 : 0] = first;
          around[axis === rank - 1 ? 1 : 2] = last;
        } else if (first + last > 0) {
          node.check(mode === 'zero', `pads axis ${axis} by '${mode}'; only height and width can be`);
          y = between(y, axis, first, last, fill);
        }
      }
      return around.some((n) => n > 0) ? pad(y, around as [number, number, number, number], { mode, value: fill }) : y;
    };
  },
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

/** x with constant entries before and behind it on an axis. */
function between(x: Tensor, axis: number, before: number, after: number, value: number): Tensor {
  const constant = (length: number): Tensor[] => (length > 0 ? [Tensor.full(x.shape.with(axis, length), value)] : []);
  return concat([...constant(before), x, ...constant(after)], axis);
}

function padded(x: Tensor, [top, left, bottom, right]: Sides, value: number): Tensor {
  return pad(x, [top, right, bottom, left], { value });
}
