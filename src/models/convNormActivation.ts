import { BatchNorm2d, type BatchNorm2dLayerOptions } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import type { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';

export interface ConvNormActivationOptions {
  kernelSize?: number | undefined;
  stride?: number | undefined;
  groups?: number | undefined;
  norm?: BatchNorm2dLayerOptions | undefined;
  /** What follows the batch norm; none by default. */
  activation?: Module | undefined;
}

/**
 * A convolution that keeps the size (but for its stride), batch norm, and perhaps an activation: '0', '1' and '2' in the
 * state dict. torchvision's `Conv2dNormActivation`.
 *
 * Shapes: x [N, inChannels, H, W] -> y [N, outChannels, ceil(H/stride), ceil(W/stride)].
 */
export class ConvNormActivation extends Sequential {
  constructor(
    readonly inChannels: number,
    outChannels: number,
    options: ConvNormActivationOptions = {},
  ) {
    const { kernelSize = 3, stride = 1, groups = 1, norm = {}, activation } = options;
    const padding = (kernelSize - 1) / 2;
    super(
      new Conv2d(inChannels, outChannels, kernelSize, { stride, padding, groups, bias: false }),
      new BatchNorm2d(outChannels, norm),
    );
    if (activation !== undefined) this.push(activation);
  }
}
