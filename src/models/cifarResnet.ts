import { ArgumentError } from '../base/errors.js';
import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { kaimingNormal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { Module, oneOf } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { StochasticDepth } from '../layers/stochasticDepth.js';
import { addRelu } from '../tensor/ops/nn/addRelu.js';
import { avgPool2d } from '../tensor/ops/nn/avgPool2d.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { concat } from '../tensor/ops/shape/concat.js';
import { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `CifarResnet`. */
export interface CifarResnetOptions extends ModelOptions {
  /** What a block adds where sizes change: 'A' subsamples and pads with zero channels, 'B' convolves 1x1. Default 'A', for ResNet-8 'B'. */
  shortcut?: Shortcut | undefined;
  /** How likely an image skips the last block in training, from 0 to 1; earlier ones in proportion to their depth. Default 0. */
  stochasticDepth?: number | undefined;
}

type Shortcut = 'A' | 'B';

/** Blocks in each of the three stages: depth = 6 n + 2, two convolutions a block and the two layers at the ends. */
const blocks = { 8: 1, 20: 3, 32: 5, 44: 7, 56: 9, 110: 18 } as const;

/** The depths of the CIFAR ResNets: 6n + 2 layers. */
export type CifarResnetDepth = keyof typeof blocks;

/** Stages run at 32x32, 16x16 and 8x8; each halves the size and doubles the channels. */
const widths = [16, 32, 64] as const;

/** y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)). Shapes: x [N, C, H, W] -> [N, O, H/stride, W/stride]. */
export class CifarBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly shortcut: Module;
  readonly stochasticDepth: StochasticDepth | null;

  constructor(inChannels: number, outChannels: number, stride: number, shortcut: Shortcut, drop = 0) {
    super();
    this.conv1 = new Conv2d(inChannels, outChannels, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(outChannels);
    this.conv2 = new Conv2d(outChannels, outChannels, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(outChannels);
    this.stochasticDepth = drop === 0 ? null : new StochasticDepth(drop);
    this.shortcut = new Sequential();
    if (stride === 1 && inChannels === outChannels) return;
    this.shortcut =
      shortcut === 'A'
        ? new PadShortcut(inChannels, outChannels, stride)
        : new Sequential(new Conv2d(inChannels, outChannels, 1, { stride, bias: false }), new BatchNorm2d(outChannels));
  }

  forward(x: Tensor): Tensor {
    const h = this.bn1.forwardRelu(this.conv1.forward(x)); // [N, O, P, Q]
    const y = this.bn2.forward(this.conv2.forward(h)); // [N, O, P, Q]
    return addRelu(this.stochasticDepth?.forward(y) ?? y, this.shortcut.forward(x)); // [N, O, P, Q]
  }
}

/** Option A: every stride-th pixel, and zeros for the channels that x lacks, half of them before and half behind. */
export class PadShortcut extends Module {
  /** Channels of zeros before those of the input. */
  readonly before: number;

  constructor(
    /** Channels of the input. */
    readonly inChannels: number,
    /** Channels of the output. Those that the input lacks are zero, half of them before the input's and half after. */
    readonly outChannels: number,
    /** The distance between the pixels that are kept. */
    readonly stride: number,
  ) {
    super();
    this.before = Math.floor((outChannels - inChannels) / 2);
  }

  forward(x: Tensor): Tensor {
    const h = avgPool2d(x, { kernelSize: 1, stride: this.stride }); // [N, C, P, Q]
    const behind = this.outChannels - this.inChannels - this.before;
    return concat([zeroChannels(h, this.before), h, zeroChannels(h, behind)], 1); // [N, O, P, Q]
  }

  protected override describe(): string {
    return `${this.inChannels}, ${this.outChannels}, stride=${this.stride}`;
  }
}

/**
 * The residual networks for 32x32 images: one 3x3 convolution, three stages of blocks, global average pooling, one linear layer.
 *
 * ResNet-20 with option A has 269,722 parameters and 40.55 M multiply-adds an image. Field names are those of the widely used
 * PyTorch version (akamaster/pytorch_resnet_cifar10), whose weights load unchanged.
 *
 * ResNet-8 is the image classifier of MLPerf Tiny: 78,042 parameters and 12.50 M multiply-adds. There, convolutions also have a bias and
 * shortcuts have no batch norm; neither changes what the network can compute.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 4 -> logits [N, numClasses].
 *
 * Source: He et al. 2015 (arXiv:1512.03385), section 4.2; weights start as in He et al. 2015 (arXiv:1502.01852). Stochastic depth
 * with its linear decay from Huang et al. 2016 (arXiv:1603.09382), section 3.
 */
export class CifarResnet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly linear: Linear;

  constructor(
    /** Layers with weights. */
    readonly depth: CifarResnetDepth,
    options: CifarResnetOptions = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(`resnet${depth}`, options, [
      'shortcut',
      'stochasticDepth',
    ]);
    const shortcut = oneOf(`resnet${depth}: shortcut`, options.shortcut ?? (depth === 8 ? 'B' : 'A'), ['A', 'B']);
    const [w1, w2, w3] = widths.map((width) => scaleWidth(width, widthMultiplier));
    const { stochasticDepth = 0 } = options;
    if (!(stochasticDepth >= 0 && stochasticDepth <= 1)) {
      throw new ArgumentError(`resnet${depth}: stochasticDepth is ${stochasticDepth}, but must be between 0 and 1.`);
    }
    const n = blocks[depth];
    // Block i of the 3 n, counted from 1, is skipped with probability i / (3 n) times that of the last.
    const drops = Array.from({ length: 3 * n }, (_, i) => (stochasticDepth * (i + 1)) / (3 * n));
    this.conv1 = new Conv2d(inChannels, w1, 3, { padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(w1);
    this.layer1 = stage(drops.slice(0, n), w1, w1, 1, shortcut);
    this.layer2 = stage(drops.slice(n, 2 * n), w1, w2, 2, shortcut);
    this.layer3 = stage(drops.slice(2 * n), w2, w3, 2, shortcut);
    this.linear = new Linear(w3, numClasses);
    for (const [, module] of this.namedModules()) {
      if (module instanceof Conv2d || module instanceof Linear) kaimingNormal(module.weight);
    }
  }

  forward(x: Tensor): Tensor {
    expectImages(`resnet${this.depth}`, x, this.conv1.inChannels, 4);
    let y = this.bn1.forwardRelu(this.conv1.forward(x)); // [N, 16, 32, 32]
    y = this.layer1.forward(y); // [N, 16, 32, 32]
    y = this.layer2.forward(y); // [N, 32, 16, 16]
    y = this.layer3.forward(y); // [N, 64, 8, 8]
    y = globalAvgPool2d(y); // [N, 64]
    return this.linear.forward(y); // [N, 10]
  }
}

/** A block for each entry of `drops`; only the first changes sizes. */
function stage(
  drops: number[],
  inChannels: number,
  outChannels: number,
  stride: number,
  shortcut: Shortcut,
): Sequential {
  const [first, ...rest] = drops;
  return new Sequential(
    new CifarBlock(inChannels, outChannels, stride, shortcut, first),
    ...rest.map((drop) => new CifarBlock(outChannels, outChannels, 1, shortcut, drop)),
  );
}

function zeroChannels(like: Tensor, channels: number): Tensor {
  const [batch, , height, width] = like.shape;
  return Tensor.zeros([batch, channels, height, width]);
}
