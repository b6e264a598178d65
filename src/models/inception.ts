import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { concat } from '../tensor/ops/shape/concat.js';
import type { Tensor } from '../tensor/tensor.js';
import { BasicConv2d } from './basicConv2d.js';

/** Channels of a block: 1x1; 1x1 before 3x3, 3x3; 1x1 before 5x5, 5x5; 1x1 behind the pooling. */
type Widths = readonly [number, number, number, number, number, number];

/** Table 1 of the paper. Max pooling stands before 3a, 4a and 5a. */
const plan = {
  '3a': [64, 96, 128, 16, 32, 32],
  '3b': [128, 128, 192, 32, 96, 64],
  '4a': [192, 96, 208, 16, 48, 64],
  '4b': [160, 112, 224, 24, 64, 64],
  '4c': [128, 128, 256, 24, 64, 64],
  '4d': [112, 144, 288, 32, 64, 64],
  '4e': [256, 160, 320, 32, 128, 128],
  '5a': [256, 160, 320, 32, 128, 128],
  '5b': [384, 192, 384, 48, 128, 128],
} as const satisfies Record<string, Widths>;

/** Standard deviation of the weights at the start, as in torchvision. */
const std = 0.01;

/**
 * Four paths side by side, whose channels are joined.
 *
 * Shapes: x [N, C, H, W] -> [N, outChannels, H, W].
 *
 * Source: Szegedy et al. 2015 (arXiv:1409.4842), figure 2b.
 */
export class Inception extends Module {
  readonly branch1: BasicConv2d;
  readonly branch2: Sequential;
  readonly branch3: Sequential;
  readonly branch4: Sequential;
  /** Channels of the concatenated output. */
  readonly outChannels: number;

  constructor(inChannels: number, [c1, r3, c3, r5, c5, cp]: Widths, fiveByFive: boolean) {
    super();
    const size = fiveByFive ? 5 : 3;
    const oneByOne = (outChannels: number): BasicConv2d => new BasicConv2d(inChannels, outChannels, 1, { std });
    this.branch1 = oneByOne(c1);
    this.branch2 = new Sequential(oneByOne(r3), new BasicConv2d(r3, c3, 3, { padding: 1, std }));
    this.branch3 = new Sequential(oneByOne(r5), new BasicConv2d(r5, c5, size, { padding: (size - 1) / 2, std }));
    this.branch4 = new Sequential(new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }), oneByOne(cp));
    this.outChannels = c1 + c3 + c5 + cp;
  }

  forward(x: Tensor): Tensor {
    const y1 = this.branch1.forward(x); // [N, C1, H, W]
    const y2 = this.branch2.forward(x); // [N, C2, H, W]
    const y3 = this.branch3.forward(x); // [N, C3, H, W]
    const y4 = this.branch4.forward(x); // [N, C4, H, W]
    return concat([y1, y2, y3, y4], 1); // [N, O, H, W]
  }
}

/** Makes the blocks of `plan` in turn, each fed by the one before. */
export function inceptions(
  inChannels: number,
  scale: (width: number) => number,
  fiveByFive: boolean,
): (name: keyof typeof plan) => Inception {
  let channels = inChannels;
  return (name) => {
    const block = new Inception(channels, plan[name].map(scale) as unknown as Widths, fiveByFive);
    channels = block.outChannels;
    return block;
  };
}
