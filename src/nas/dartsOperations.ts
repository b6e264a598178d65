import { AvgPool2d } from '../layers/avgPool2d.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Identity } from '../layers/identity.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { concat } from '../tensor/ops/shape/concat.js';
import { slice } from '../tensor/ops/shape/slice.js';
import type { Tensor } from '../tensor/tensor.js';
import type { DartsOperation } from './dartsGenotype.js';

/** Halves the size without losing pixels: two 1x1 convolutions of stride 2, one of them shifted by a pixel. H and W are even. */
export class FactorizedReduce extends Module {
  /** Makes the first half of the channels. */
  readonly conv1: Conv2d;
  /** Makes the others, from the pixels between. */
  readonly conv2: Conv2d;
  /** The batch norm after both. */
  readonly norm: BatchNorm2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    const half = outChannels >> 1;
    this.conv1 = new Conv2d(inChannels, half, 1, { stride: 2, bias: false });
    this.conv2 = new Conv2d(inChannels, outChannels - half, 1, { stride: 2, bias: false });
    this.norm = new BatchNorm2d(outChannels);
  }

  forward(x: Tensor): Tensor {
    const y = relu(x);
    const shifted = slice(slice(y, 2, 1), 3, 1);
    return this.norm.forward(concat([this.conv1.forward(y), this.conv2.forward(shifted)], 1));
  }
}

/** Filters of one channel each, then a 1x1 convolution and batch norm; with ReLU before. */
function separable(channels: number, kernel: number, stride: number, dilation: number): Module[] {
  const padding = ((kernel - 1) / 2) * dilation;
  return [
    new ReLU(),
    new Conv2d(channels, channels, kernel, { stride, padding, dilation, groups: channels, bias: false }),
    new Conv2d(channels, channels, 1, { bias: false }),
    new BatchNorm2d(channels),
  ];
}

/** The module of an operation of the DARTS space. Shapes: x [N, C, H, W] -> [N, C, H/stride, W/stride]. */
export function dartsModule(operation: DartsOperation, channels: number, stride: number): Module {
  switch (operation) {
    case 'max_pool_3x3':
      return new MaxPool2d(3, { stride, padding: 1 });
    case 'avg_pool_3x3':
      return new AvgPool2d(3, { stride, padding: 1, countIncludePad: false });
    case 'skip_connect':
      return stride === 1 ? new Identity() : new FactorizedReduce(channels, channels);
    case 'sep_conv_3x3':
    case 'sep_conv_5x5': {
      const kernel = operation === 'sep_conv_3x3' ? 3 : 5;
      return new Sequential(...separable(channels, kernel, stride, 1), ...separable(channels, kernel, 1, 1));
    }
    case 'dil_conv_3x3':
    case 'dil_conv_5x5':
      return new Sequential(...separable(channels, operation === 'dil_conv_3x3' ? 3 : 5, stride, 2));
  }
}
