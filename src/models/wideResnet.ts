import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { add } from '../tensor/ops/math/add.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { relu } from '../tensor/ops/nn/relu.js';
import type { Tensor } from '../tensor/tensor.js';
import { initialize } from './initialize.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `WideResNet`. */
export interface WideResNetOptions extends ModelOptions {
  /** Between the convolutions of a block. Default 0; the paper's other choice is 0.3. */
  dropout?: number | undefined;
}

/** Depth = 6 n + 4: n blocks of two convolutions in each of three stages, the stem, the head and two shortcuts. */
const plans = {
  wrn_16_4: { n: 2, k: 4 },
  wrn_28_10: { n: 4, k: 10 },
} as const;

/** The variants of WideResNet. */
export type WideResNetName = keyof typeof plans;

/** y = conv2(dropout(relu(bn2(conv1(h))))) + shortcut with h = relu(bn1(x)): activation before convolution. */
export class WideBlock extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly dropout: Dropout;
  readonly conv2: Conv2d;
  /** A 1x1 convolution of h where sizes change; else the shortcut is x. */
  readonly convShortcut: Conv2d | null;

  constructor(inChannels: number, outChannels: number, stride: number, dropout: number) {
    super();
    this.bn1 = new BatchNorm2d(inChannels);
    this.conv1 = new Conv2d(inChannels, outChannels, 3, { stride, padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(outChannels);
    this.dropout = new Dropout(dropout);
    this.conv2 = new Conv2d(outChannels, outChannels, 3, { padding: 1, bias: false });
    const changes = stride !== 1 || inChannels !== outChannels;
    this.convShortcut = changes ? new Conv2d(inChannels, outChannels, 1, { stride, bias: false }) : null;
  }

  forward(x: Tensor): Tensor {
    const h = relu(this.bn1.forward(x)); // [N, C, H, W]
    let y = relu(this.bn2.forward(this.conv1.forward(h))); // [N, O, P, Q]
    y = this.conv2.forward(this.dropout.forward(y)); // [N, O, P, Q]
    return add(y, this.convShortcut?.forward(h) ?? x); // [N, O, P, Q]
  }
}

/**
 * The wide residual networks for 32x32 images: few blocks with many channels, WRN-16-4 and WRN-28-10 of the paper, B(3,3) blocks.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 4 -> logits [N, numClasses].
 *
 * Source: Zagoruyko and Komodakis 2016 (arXiv:1605.07146), table 1 and figure 1(d); weights start as in He et al. 2015
 * (arXiv:1502.01852).
 */
export class WideResNet extends Module {
  readonly conv1: Conv2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly bn1: BatchNorm2d;
  readonly fc: Linear;

  constructor(
    /** Which of the variants this is. */
    readonly variant: WideResNetName,
    options: WideResNetOptions = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(variant, options, ['dropout']);
    const { n, k } = plans[variant];
    const { dropout = 0 } = options;
    const [w0, w1, w2, w3] = [16, 16 * k, 32 * k, 64 * k].map((width) => scaleWidth(width, widthMultiplier));
    this.conv1 = new Conv2d(inChannels, w0, 3, { padding: 1, bias: false });
    this.layer1 = stage(n, w0, w1, 1, dropout);
    this.layer2 = stage(n, w1, w2, 2, dropout);
    this.layer3 = stage(n, w2, w3, 2, dropout);
    this.bn1 = new BatchNorm2d(w3);
    this.fc = new Linear(w3, numClasses);
    initialize(this);
  }

  forward(x: Tensor): Tensor {
    expectImages(this.variant, x, this.conv1.inChannels, 4);
    let y = this.conv1.forward(x); // [N, 16, 32, 32]
    y = this.layer1.forward(y); // [N, C1, 32, 32]
    y = this.layer2.forward(y); // [N, C2, 16, 16]
    y = this.layer3.forward(y); // [N, C3, 8, 8]
    y = globalAvgPool2d(relu(this.bn1.forward(y))); // [N, C3]
    return this.fc.forward(y); // [N, 10]
  }
}

function stage(n: number, inChannels: number, outChannels: number, stride: number, dropout: number): Sequential {
  const layer = new Sequential(new WideBlock(inChannels, outChannels, stride, dropout));
  while (layer.length < n) layer.push(new WideBlock(outChannels, outChannels, 1, dropout));
  return layer;
}

/** Wide ResNet of 16 layers, 4 times as wide, for 32x32 images. */
export const wrn_16_4 = (options?: WideResNetOptions): WideResNet => new WideResNet('wrn_16_4', options);
/** Wide ResNet of 28 layers, 10 times as wide, for 32x32 images. */
export const wrn_28_10 = (options?: WideResNetOptions): WideResNet => new WideResNet('wrn_28_10', options);
