import { sizeOf } from '../base/shape.js';
import { abs } from '../tensor/ops/math/abs.js';
import { div } from '../tensor/ops/math/div.js';
import { max } from '../tensor/ops/math/max.js';
import { mean } from '../tensor/ops/math/mean.js';
import { pow } from '../tensor/ops/math/pow.js';
import { sum } from '../tensor/ops/math/sum.js';
import { adaptiveAvgPool2d } from '../tensor/ops/nn/adaptiveAvgPool2d.js';
import { adaptiveMaxPool2d } from '../tensor/ops/nn/adaptiveMaxPool2d.js';
import { avgPool2d } from '../tensor/ops/nn/avgPool2d.js';
import { conv2d } from '../tensor/ops/nn/conv2d.js';
import { maxPool2d } from '../tensor/ops/nn/maxPool2d.js';
import { pad } from '../tensor/ops/shape/pad.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { Tensor } from '../tensor/tensor.js';
import { expectAffordable, expectFeasible } from './budget.js';
import { tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { dilatedMaxPool2d } from './ops/dilatedMaxPool2d.js';
import { onImages, type Pair, type Sides, type Window, windowOf } from './window.js';

/** Operations that make one number of each window of an image or signal, or of each channel. */
export const pools: Record<string, ImportOp> = {
  MaxPool: (node) => {
    const pool = poolOf(node);
    return ([x]) =>
      onImages(node, pool.window, tensorOf(node, x), (image) => {
        const { around, reach, kernelSize, stride, dilation, ceilMode } = pool.on(image);
        const holes = dilation.some((d) => d !== 1);
        const padding = holes ? null : symmetric(around, kernelSize);
        if (padding) return maxPool2d(image, { kernelSize, stride, ceilMode, padding });
        const whole = padded(image, reach, -Infinity);
        return holes
          ? dilatedMaxPool2d(whole, { kernelSize, stride, dilation })
          : maxPool2d(whole, { kernelSize, stride });
      });
  },
  AveragePool: (node) => {
    const pool = poolOf(node);
    const countIncludePad = node.int('count_include_pad', 0) === 1;
    return ([x]) =>
      onImages(node, pool.window, tensorOf(node, x), (image) => average(image, pool.on(image), countIncludePad));
  },
  LpPool: (node) => {
    const pool = poolOf(node);
    const p = orderOf(node);
    return ([x]) =>
      onImages(node, pool.window, tensorOf(node, x), (image) => {
        const on = pool.on(image);
        const powers = pow(abs(image), p);
        return pow(sums(padded(powers, on.reach, 0), on), 1 / p);
      });
  },
  GlobalAveragePool: (node) => (inputs) => {
    const x = tensorOf(node, inputs[0]);
    return x.shape.length === 4 ? adaptiveAvgPool2d(x, 1) : mean(x, behindChannels(node, x), { keepDims: true });
  },
  GlobalMaxPool: (node) => (inputs) => {
    const x = tensorOf(node, inputs[0]);
    return x.shape.length === 4 ? adaptiveMaxPool2d(x, 1) : max(x, behindChannels(node, x), { keepDims: true });
  },
  GlobalLpPool: (node) => {
    const p = orderOf(node);
    return (inputs) => {
      const x = tensorOf(node, inputs[0]);
      return pow(sum(pow(abs(x), p), behindChannels(node, x), { keepDims: true }), 1 / p);
    };
  },
};

/** What a pooling does to an image of some size. */
interface Pooling {
  around: Sides;
  /** The same with what the last window reaches beyond it, in ceil mode. */
  reach: Sides;
  kernelSize: Pair;
  stride: Pair;
  dilation: Pair;
  ceilMode: boolean;
}

function poolOf(node: ImportNode): { window: Window; on: (image: Tensor) => Pooling } {
  const window = windowOf(node);
  const { kernelSize, stride, dilation } = window;
  const ceilMode = node.int('ceil_mode', 0) === 1;
  node.check((node.ints('kernel_shape') ?? []).length > 0, 'lacks kernel_shape');
  const extent = kernelSize.map((k, i) => (k - 1) * dilation[i] + 1);
  return {
    window,
    on: (image) => {
      const size = image.shape.slice(2);
      const around = window.sides(size, extent);
      node.check(
        around.every((n, side) => n < extent[side % 2]),
        `has pads [${around}], which must be less than the ${extent.join(' x ')} pixels of its window`,
      );
      const reach = ceilMode ? ceiled(size, extent, stride, around) : around;
      const outputs = [0, 1].map((i) =>
        Math.max(1, Math.ceil((size[i] + reach[i] + reach[i + 2] - extent[i]) / stride[i]) + 1),
      );
      expectAffordable(node.title, [
        image.shape[0],
        image.shape[1],
        size[0] + around[0] + around[2],
        size[1] + around[1] + around[3],
      ]);
      expectFeasible(node.title, sizeOf(image.shape.slice(0, 2)) * sizeOf(outputs) * sizeOf(kernelSize));
      return { around, reach, kernelSize, stride, dilation, ceilMode };
    },
  };
}

/** The padding with as much behind as makes the last window, which must begin inside or in the padding before, a whole one. */
function ceiled(size: readonly number[], extent: readonly number[], stride: Pair, around: Sides): Sides {
  const behind = [0, 1].map((i) => {
    const room = size[i] + around[i] + around[i + 2] - extent[i];
    let windows = Math.ceil(room / stride[i]) + 1;
    if ((windows - 1) * stride[i] >= size[i] + around[i]) windows--;
    return Math.max(around[i + 2], (windows - 1) * stride[i] + extent[i] - size[i] - around[i]);
  });
  return [around[0], around[1], behind[0], behind[1]];
}

function average(image: Tensor, pooling: Pooling, countIncludePad: boolean): Tensor {
  const { around, reach, kernelSize, stride, dilation, ceilMode } = pooling;
  const holes = dilation.some((d) => d !== 1);
  const padding = holes ? null : symmetric(around, kernelSize);
  if (padding) return avgPool2d(image, { kernelSize, stride, ceilMode, padding, countIncludePad });
  const total = sums(padded(image, reach, 0), pooling);
  // How many pixels of each window count: never those that only the last window reaches.
  const inside = padded(Tensor.ones([1, 1, ...image.shape.slice(2)]), around, countIncludePad ? 1 : 0);
  const beyond: Sides = [0, 0, reach[2] - around[2], reach[3] - around[3]];
  return div(total, sums(padded(inside, beyond, 0), pooling));
}

/** The sum of each window. */
function sums(image: Tensor, { kernelSize, stride, dilation }: Pooling): Tensor {
  const [n, c, height, width] = image.shape;
  const planes = reshape(image, [n * c, 1, height, width]);
  const y = conv2d(planes, Tensor.ones([1, 1, ...kernelSize]), null, { stride, dilation });
  return reshape(y, [n, c, y.shape[2], y.shape[3]]);
}

function orderOf(node: ImportNode): number {
  const p = node.opset < 2 ? node.float('p', 2) : node.int('p', 2);
  node.check(p > 0, `has p ${p}, which must be above 0`);
  return p;
}

/** The axes of pixels. */
function behindChannels(node: ImportNode, x: Tensor): number[] {
  node.check(x.shape.length > 2, `has an input of shape [${x.shape}], which has no pixels`);
  return x.shape.slice(2).map((_, i) => i + 2);
}

/** The padding as pooling takes it, where both ends have as much and no window lies in it alone. */
function symmetric([top, left, bottom, right]: Sides, kernel: Pair): [number, number] | null {
  return top === bottom && left === right && top <= kernel[0] / 2 && left <= kernel[1] / 2 ? [top, left] : null;
}

function padded(x: Tensor, [top, left, bottom, right]: Sides, value: number): Tensor {
  return top + left + bottom + right === 0 ? x : pad(x, [top, right, bottom, left], { value });
}
