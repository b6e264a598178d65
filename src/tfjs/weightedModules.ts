import type { Shape } from '../base/shape.js';
import { Conv2d } from '../layers/conv2d.js';
import { ConvTranspose2d } from '../layers/convTranspose2d.js';
import { Module } from '../layers/module.js';
import { mul } from '../tensor/ops/math/mul.js';
import { neg } from '../tensor/ops/math/neg.js';
import { sub } from '../tensor/ops/math/sub.js';
import { convTranspose2d } from '../tensor/ops/nn/convTranspose2d.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { slice } from '../tensor/ops/shape/slice.js';
import { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { asImages } from './axes.js';
import { expectRoom } from './room.js';

/** A convolution along rows: of images of one column. Shapes: x [N, C, ...] -> [N, O, ...], weight [O, C/groups, R, 1]. */
export class Conv1d extends Conv2d {
  override forward(x: Tensor): Tensor {
    return asImages(x, (images) => super.forward(images));
  }
}

/** x where it is positive, elsewhere times a learned slope, one for each element or for those that share it. */
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(slopes: Float32Array, shape: Shape) {
    super();
    this.weight = new Parameter(slopes, shape);
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}

export function prelu(x: Tensor, slopes: Tensor): Tensor {
  return sub(relu(x), mul(slopes, relu(neg(x))));
}

/** A pair of numbers for height and width. */
type Two = readonly [number, number];

/** What a transposed convolution of TensorFlow needs to know. */
export interface TransposeOptions {
  stride: Two;
  dilation: Two;
  /** [height, width] of the result. */
  size: Two;
  /** Rows and columns cut off at the top and the left of all that the filters reach. */
  before: Two;
}

/** The transpose of TensorFlow's convolution, whose result has a size that is told: cut off or filled with zeros behind. */
export function transposedConv(x: Tensor, w: Tensor, b: Tensor | null, options: TransposeOptions): Tensor {
  const { stride, dilation, size, before } = options;
  const reach = [0, 1].map((i) => (x.shape[i + 2] - 1) * stride[i] + (w.shape[i + 2] - 1) * dilation[i] + 1);
  // Behind what the filters reach lie zeros, fewer than a stride.
  const outputPadding: [number, number] = [0, 1].map((i) => Math.max(0, size[i] + before[i] - reach[i])) as [
    number,
    number,
  ];
  expectRoom('a transposed convolution', [
    x.shape[0],
    w.shape[1],
    reach[0] + outputPadding[0],
    reach[1] + outputPadding[1],
  ]);
  const y = convTranspose2d(x, w, b, { stride, dilation, outputPadding });
  return [0, 1].reduce((part, i) => slice(part, i + 2, before[i], before[i] + size[i]), y);
}

/** Keras's Conv2DTranspose: 'same' gives n * stride. Shapes: x [N, C, H, W] -> [N, O, P, Q], weight [C, O, R, S]. */
export class ConvTransposeOfKeras extends ConvTranspose2d {
  readonly #same: boolean;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Two,
    options: { stride?: unknown; dilation?: unknown; padding?: unknown; bias?: boolean | undefined },
  ) {
    const { stride, dilation, bias } = options as { stride: Two; dilation: Two; bias: boolean };
    super(inChannels, outChannels, kernelSize, { stride, dilation, bias });
    this.#same = options.padding === 'same';
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, options } = this;
    const stride = options.stride as Two;
    const dilation = options.dilation as Two;
    const over = [0, 1].map((i) => Math.max(0, (weight.shape[i + 2] - 1) * dilation[i] + 1 - stride[i]));
    const size = [0, 1].map((i) => x.shape[i + 2] * stride[i] + (this.#same ? 0 : over[i]));
    const before = over.map((n) => (this.#same ? Math.floor(n / 2) : 0));
    return transposedConv(x, weight, bias, {
      stride,
      dilation,
      size: size as [number, number],
      before: before as [number, number],
    });
  }
}
