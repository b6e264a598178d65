import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d, type Conv2dLayerOptions } from '../layers/conv2d.js';
import { truncatedNormal } from '../layers/init.js';
import { Module } from '../layers/module.js';
import { add } from '../tensor/ops/math/add.js';
import { mul } from '../tensor/ops/math/mul.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { Tensor } from '../tensor/tensor.js';

export interface BasicConv2dOptions extends Pick<Conv2dLayerOptions, 'stride' | 'padding'> {
  /** Standard deviation of the weights at the start. */
  std: number;
}

/** What GoogLeNet and Inception v3 are built of: relu(bn(conv(x))). Shapes: x [N, C, H, W] -> [N, O, P, Q]. */
export class BasicConv2d extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly [number, number],
    options: BasicConv2dOptions,
  ) {
    super();
    const { std, ...rest } = options;
    this.conv = new Conv2d(inChannels, outChannels, kernelSize, { ...rest, bias: false });
    truncatedNormal(this.conv.weight, { std });
    this.bn = new BatchNorm2d(outChannels, { eps: 0.001 });
  }

  forward(x: Tensor): Tensor {
    return relu(this.bn.forward(this.conv.forward(x))); // [N, O, P, Q]
  }
}

/**
 * Images normalized by ImageNet's means and deviations, turned into images of the range -1 to 1: what torchvision's published
 * weights of GoogLeNet and Inception v3 were trained on.
 *
 * Shapes: x [N, 3, H, W] -> the same.
 */
export function imagenetToSymmetric(x: Tensor): Tensor {
  const scale = Tensor.from([0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5], [3, 1, 1]);
  const shift = Tensor.from([(0.485 - 0.5) / 0.5, (0.456 - 0.5) / 0.5, (0.406 - 0.5) / 0.5], [3, 1, 1]);
  return add(mul(x, scale), shift);
}
