import { type Pair, pair } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { type ConvTranspose2dOptions, convTranspose2d } from '../tensor/ops/nn/convTranspose2d.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkGroups } from './conv2d.js';
import { defaultParameters } from './defaultParameters.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** Options of `ConvTranspose2d`. */
export interface ConvTranspose2dLayerOptions extends ConvTranspose2dOptions {
  /** Adds a learned number to each output channel. Default true. */
  bias?: boolean | undefined;
}

/**
 * A transposed convolution with learned filters, which enlarges images: `convTranspose2d` with a weight
 * [C, O/groups, R, S] and a bias [O].
 *
 * Shapes: x [N, inChannels, H, W] -> y [N, outChannels, P, Q]; P and Q by `convTranspose2dOutputSize`.
 *
 * @example
 * new ConvTranspose2d(16, 8, 2, { stride: 2 }).forward(Tensor.zeros([4, 16, 8, 8])).shape; // [4, 8, 16, 16]
 */
export class ConvTranspose2d extends Module {
  /** The filters [inChannels, outChannels / groups, kernelHeight, kernelWidth]. */
  readonly weight: Parameter;
  /** Added to each output channel [outChannels]; null with `bias: false`. */
  readonly bias: Parameter | null;

  constructor(
    /** Channels of the input. */
    readonly inChannels: number,
    /** Channels of the output. */
    readonly outChannels: number,
    /** Height and width of the filters, in pixels. */
    readonly kernelSize: Pair,
    /** The options that `convTranspose2d` is called with, and those for initialization. */
    readonly options: ConvTranspose2dLayerOptions = {},
  ) {
    super();
    checkOptions('ConvTranspose2d', options, ['bias', 'stride', 'padding', 'outputPadding', 'dilation', 'groups']);
    const groups = checkGroups('ConvTranspose2d', inChannels, outChannels, options.groups);
    const [height, width] = pair('ConvTranspose2d', 'kernelSize', kernelSize, 1);
    const shape = [inChannels, outChannels / groups, height, width];
    [this.weight, this.bias] = defaultParameters(shape, outChannels, options.bias);
  }

  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options);
  }

  protected override describe(): string {
    const { inChannels, outChannels, kernelSize, options } = this;
    const defaults = { padding: 0, outputPadding: 0, dilation: 1, groups: 1, bias: true };
    const all = { kernelSize, ...options, stride: options.stride ?? 1 };
    return `${inChannels}, ${outChannels}, ${describeOptions(all, defaults)}`;
  }
}
