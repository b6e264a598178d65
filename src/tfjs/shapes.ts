import { Module } from '../layers/module.js';
import { avgPool2d } from '../tensor/ops/avgPool2d.js';
import { div } from '../tensor/ops/div.js';
import { maxPool2d } from '../tensor/ops/maxPool2d.js';
import { pad } from '../tensor/ops/pad.js';
import { permute } from '../tensor/ops/permute.js';
import { reshape } from '../tensor/ops/reshape.js';
import type { Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

/**
 * Keras's Reshape: as if images were stored [N, H, W, C], with images stored [N, C, H, W] before and after.
 *
 * Shapes: x [N, ...] -> [N, ...target], where a target of three sizes [H, W, C] gives an image [N, C, H, W].
 */
export class ChannelsLastReshape extends Module {
  constructor(readonly target: Shape) {
    super();
  }

  forward(x: Tensor): Tensor {
    const y = reshape(channelsLast(x), [x.shape[0], ...this.target]);
    if (y.shape.length !== 4) return y;
    const [n, h, w, c] = y.shape;
    return h * w === 1 || c === 1 ? reshape(y, [n, c, h, w]) : permute(y, [0, 3, 1, 2]);
  }

  protected override describe(): string {
    return this.target.join(', ');
  }
}

/** Images as [N, H, W, C]; anything else as it is. */
function channelsLast(x: Tensor): Tensor {
  if (x.shape.length !== 4) return x;
  const [n, c, h, w] = x.shape;
  return h * w === 1 || c === 1 ? reshape(x, [n, h, w, c]) : permute(x, [0, 2, 3, 1]);
}

/**
 * Pooling with TensorFlow's 'same' padding: an output of ceil(n / stride), the odd pixel of padding behind. Averages count only pixels of the
 * image. Shapes: x [N, C, H, W] -> [N, C, ceil(H / stride), ceil(W / stride)].
 */
export class SamePool2d extends Module {
  constructor(
    readonly kind: 'max' | 'average',
    readonly kernelSize: readonly [number, number],
    readonly stride: readonly [number, number],
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    const { kind, kernelSize, stride } = this;
    const sides = this.#sides(x.shape.slice(2));
    const options = { kernelSize, stride };
    if (kind === 'max') return maxPool2d(padded(x, sides, -Infinity), options);
    const means = avgPool2d(padded(x, sides, 0), options);
    if (sides.every((n) => n === 0)) return means;
    // The share of each window that lies on the image.
    const ones = Tensor.ones([1, 1, ...x.shape.slice(2)]);
    return div(means, avgPool2d(padded(ones, sides, 0), options));
  }

  /** [top, right, bottom, left] */
  #sides(size: Shape): [number, number, number, number] {
    const { kernelSize, stride } = this;
    const total = [0, 1].map((i) =>
      Math.max(0, (Math.ceil(size[i] / stride[i]) - 1) * stride[i] + kernelSize[i] - size[i]),
    );
    const [top, left] = total.map((n) => Math.floor(n / 2));
    return [top, total[1] - left, total[0] - top, left];
  }

  protected override describe(): string {
    return `${this.kind}, kernelSize=${this.kernelSize.join('x')}, stride=${this.stride.join('x')}`;
  }
}

function padded(x: Tensor, sides: readonly [number, number, number, number], value: number): Tensor {
  return sides.every((n) => n === 0) ? x : pad(x, sides, { value });
}
