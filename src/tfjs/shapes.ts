import type { Shape } from '../base/shape.js';
import { Module } from '../layers/module.js';
import { div } from '../tensor/ops/math/div.js';
import { avgPool2d } from '../tensor/ops/nn/avgPool2d.js';
import { maxPool2d } from '../tensor/ops/nn/maxPool2d.js';
import { pad } from '../tensor/ops/shape/pad.js';
import { permute } from '../tensor/ops/shape/permute.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { Tensor } from '../tensor/tensor.js';
import { asImages, channelsFirst, channelsLast, storedAxis } from './axes.js';
import { expectRoom } from './room.js';

/**
 * Keras's Reshape: as if values were stored [N, ..., C], with those of three axes and more stored [N, C, ...] before and after.
 *
 * Shapes: x [N, ...] -> [N, ...target], where a target of three sizes [H, W, C] gives an image [N, C, H, W].
 */
export class ChannelsLastReshape extends Module {
  constructor(readonly target: Shape) {
    super();
  }

  forward(x: Tensor): Tensor {
    return channelsFirst(reshape(channelsLast(x), [x.shape[0], ...this.target]));
  }

  protected override describe(): string {
    return this.target.join(', ');
  }
}

/** Keras's Permute: axis i of the result, counted from 1 and without the batch, is axis `dims[i - 1]` of x, in Keras's order. */
export class ChannelsLastPermute extends Module {
  readonly #order: readonly number[];

  constructor(readonly dims: readonly number[]) {
    super();
    const rank = dims.length + 1;
    const order = new Array<number>(rank).fill(0);
    for (const [i, axis] of dims.entries()) order[storedAxis(i + 1, rank)] = storedAxis(axis, rank);
    this.#order = order;
  }

  forward(x: Tensor): Tensor {
    return permute(x, this.#order);
  }

  protected override describe(): string {
    return this.dims.join(', ');
  }
}

/** [top, right, bottom, left] */
export type Sides = readonly [number, number, number, number];

/** The padding of TensorFlow's 'same': an output of ceil(n / stride), the odd pixel behind. */
export function sameSides(
  size: Shape,
  kernelSize: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number] = [1, 1],
): Sides {
  const total = [0, 1].map((i) => {
    const reach = (kernelSize[i] - 1) * dilation[i] + 1;
    return Math.max(0, (Math.ceil(size[i] / stride[i]) - 1) * stride[i] + reach - size[i]);
  });
  const [top, left] = total.map((n) => Math.floor(n / 2));
  return [top, total[1] - left, total[0] - top, left];
}

/**
 * Pooling with padding of the image, by default TensorFlow's 'same'. Averages count only pixels of the image.
 *
 * Shapes: x [N, C, H, W] -> [N, C, P, Q], ceil(H / stride) and ceil(W / stride) with 'same'.
 */
export class PaddedPool2d extends Module {
  constructor(
    readonly kind: 'max' | 'average',
    readonly kernelSize: readonly [number, number],
    readonly stride: readonly [number, number],
    readonly padding: Sides | 'same' = 'same',
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    return asImages(x, (images) => this.#pooled(images));
  }

  #pooled(x: Tensor): Tensor {
    const { kind, kernelSize, stride, padding } = this;
    const size = x.shape.slice(2);
    const sides = padding === 'same' ? sameSides(size, kernelSize, stride) : padding;
    const options = { kernelSize, stride };
    if (kind === 'max') return maxPool2d(padded(x, sides, -Infinity), options);
    const means = avgPool2d(padded(x, sides, 0), options);
    if (sides.every((n) => n === 0)) return means;
    // The share of each window that lies on the image.
    const ones = Tensor.ones([1, 1, ...size]);
    return div(means, avgPool2d(padded(ones, sides, 0), options));
  }

  protected override describe(): string {
    return `${this.kind}, kernelSize=${this.kernelSize.join('x')}, stride=${this.stride.join('x')}`;
  }
}

/** A border around images; nothing where all sides are 0. */
export function padded(x: Tensor, sides: Sides, value: number): Tensor {
  if (sides.every((n) => n === 0)) return x;
  const [height, width] = x.shape.slice(-2);
  expectRoom('padding', [...x.shape.slice(0, -2), sides[0] + height + sides[2], sides[3] + width + sides[1]]);
  return pad(x, sides, { value });
}

/** Runs a module for images on rows [N, C, L], as images of one column. */
export class OnRows extends Module {
  constructor(readonly module: Module) {
    super();
  }

  forward(x: Tensor): Tensor {
    return asImages(x, (images) => this.module.forward(images));
  }
}
