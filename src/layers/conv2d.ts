import { checkWhole, type Pair, pair } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { Conv2dOptions } from '../kernels/geometry.js';
import { conv2d } from '../tensor/ops/nn/conv2d.js';
import { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { defaultParameters } from './defaultParameters.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** Options of `Conv2d`. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Adds a learned number to each output channel. Default true; not needed before a batch norm. */
  bias?: boolean | undefined;
}

/**
 * A convolution with learned filters: `conv2d` with a weight [O, C/groups, R, S] and a bias [O].
 *
 * Shapes: x [N, inChannels, H, W] -> y [N, outChannels, P, Q]; P and Q by `conv2dOutputSize`.
 *
 * Weight and bias start uniform within 1 / sqrt(fanIn), as in PyTorch.
 *
 * @example
 * new Conv2d(3, 16, 3, { padding: 1 }).forward(Tensor.zeros([8, 3, 32, 32])).shape; // [8, 16, 32, 32]
 */
export class Conv2d extends Module {
  /** The filters [outChannels, inChannels / groups, kernelHeight, kernelWidth]. */
  readonly weight: Parameter;
  /** Added to each output channel [outChannels]; null with `bias: false`. */
  bias: Parameter | null;

  constructor(
    /** Channels of the input. */
    readonly inChannels: number,
    /** Channels of the output: the number of filters. */
    readonly outChannels: number,
    /** Height and width of the filters, in pixels. */
    readonly kernelSize: Pair,
    /** The options that `conv2d` is called with, and those for initialization. */
    readonly options: Conv2dLayerOptions = {},
  ) {
    super();
    checkOptions('Conv2d', options, ['bias', 'stride', 'padding', 'dilation', 'groups']);
    const groups = checkGroups('Conv2d', inChannels, outChannels, options.groups);
    const [height, width] = pair('Conv2d', 'kernelSize', kernelSize, 1);
    const shape = [outChannels, inChannels / groups, height, width];
    [this.weight, this.bias] = defaultParameters(shape, outChannels, options.bias);
  }

  /** Adds a bias of zeros if there is none, so that a batch norm can be folded in. */
  addBias(): void {
    this.bias ??= Parameter.zeros([this.outChannels]);
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options);
  }

  protected override describe(): string {
    const { inChannels, outChannels, kernelSize, options } = this;
    const defaults = { padding: 0, dilation: 1, groups: 1, bias: true };
    const all = { kernelSize, ...options, stride: options.stride ?? 1 };
    return `${inChannels}, ${outChannels}, ${describeOptions(all, defaults)}`;
  }
}

/** Returns the number of groups, after checking that both numbers of channels are integers and multiples of it. */
export function checkGroups(layer: string, inChannels: number, outChannels: number, groups = 1): number {
  checkWhole(layer, 'inChannels', inChannels, 1);
  checkWhole(layer, 'outChannels', outChannels, 1);
  checkWhole(layer, 'groups', groups, 1);
  if (inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new ArgumentError(
      `${layer}: groups=${groups} must divide both inChannels=${inChannels} and outChannels=${outChannels}.`,
    );
  }
  return groups;
}
