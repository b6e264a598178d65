import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { dirac } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { mul } from '../tensor/ops/math/mul.js';
import { gelu } from '../tensor/ops/nn/gelu.js';
import { maxPool2d } from '../tensor/ops/nn/maxPool2d.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Channels of the three blocks, by the accuracy in percent that the network is known for. */
const plans = { 91: [32, 128, 128], 93: [64, 128, 128], 94: [64, 256, 256] } as const;

/** The accuracy on CIFAR-10, in percent, that names the three sizes of `Airbench`. */
export type AirbenchAccuracy = keyof typeof plans;

/** The first layer looks at patches of 2x2 pixels: 12 numbers in 3 colors, so 12 directions and their negatives. */
const PATCH = 2;

/** What the logits are multiplied by; with label smoothing they must stay small. */
const LOGIT_SCALE = 1 / 9;

/**
 * Two 3x3 convolutions with batch norm and GELU; the first is followed by a 2x2 max pooling, before its batch norm, which so has
 * a quarter of the work.
 *
 * Batch norms learn a shift and no scale. Each convolution starts as the identity in its first filters (as many as it has input
 * channels), so that a fresh block passes its input on.
 *
 * Shapes: x [N, C, H, W] -> [N, O, H/2, W/2].
 */
export class AirbenchBlock extends Module {
  readonly conv1: Conv2d;
  readonly norm1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly norm2: BatchNorm2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.conv1 = partialIdentity(new Conv2d(inChannels, outChannels, 3, { padding: 1, bias: false }));
    this.norm1 = shiftNorm(outChannels);
    this.conv2 = partialIdentity(new Conv2d(outChannels, outChannels, 3, { padding: 1, bias: false }));
    this.norm2 = shiftNorm(outChannels);
  }

  forward(x: Tensor): Tensor {
    const h = maxPool2d(this.conv1.forward(x), { kernelSize: 2 }); // [N, O, P, Q]
    const y = this.conv2.forward(gelu(this.norm1.forward(h))); // [N, O, P, Q]
    return gelu(this.norm2.forward(y)); // [N, O, P, Q]
  }
}

/**
 * The network of the airbench recipes, made to reach a given accuracy on CIFAR-10 with the least work: a whitening convolution
 * of 2x2 pixels, three blocks of two convolutions, a 3x3 max pooling, and a linear layer whose logits are divided by 9.
 *
 * | name | widths | parameters | multiply-adds an image |
 * |---|---|--:|--:|
 * | airbench91 | 32, 128, 128 | 497,528 | 33.1 M |
 * | airbench93 | 64, 128, 128 | 569,016 | 54.2 M |
 * | airbench94 | 64, 256, 256 | 1,971,640 | 118.1 M |
 *
 * The filters of `whiten` are frozen. They are meant to be computed from training images before training: see `whiteningInit`.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 25 -> logits [N, numClasses]; larger images than 32x32 must have sides that
 * leave one 3x3 window before the linear layer, up to 48.
 *
 * Source: Jordan 2024 (arXiv:2404.00498), sections 3.1 to 3.3 and appendix A.
 */
export class Airbench extends Module {
  readonly whiten: Conv2d;
  readonly block1: AirbenchBlock;
  readonly block2: AirbenchBlock;
  readonly block3: AirbenchBlock;
  readonly head: Linear;

  constructor(
    /** Which of the three sizes this is. */
    readonly accuracy: AirbenchAccuracy,
    options: ModelOptions = {},
  ) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(`airbench${accuracy}`, options, []);
    const [w1, w2, w3] = plans[accuracy].map((width) => scaleWidth(width, widthMultiplier));
    const filters = 2 * inChannels * PATCH * PATCH;
    this.whiten = new Conv2d(inChannels, filters, PATCH);
    this.whiten.weight.requiresGrad = false;
    this.block1 = new AirbenchBlock(filters, w1);
    this.block2 = new AirbenchBlock(w1, w2);
    this.block3 = new AirbenchBlock(w2, w3);
    this.head = new Linear(w3, numClasses, { bias: false });
  }

  forward(x: Tensor): Tensor {
    expectImages(`airbench${this.accuracy}`, x, this.whiten.inChannels, 25);
    let y = gelu(this.whiten.forward(x)); // [N, 24, 31, 31]
    y = this.block1.forward(y); // [N, A, 15, 15]
    y = this.block2.forward(y); // [N, B, 7, 7]
    y = this.block3.forward(y); // [N, B, 3, 3]
    y = flatten(maxPool2d(y, { kernelSize: 3 })); // [N, B]
    return mul(this.head.forward(y), Tensor.from([LOGIT_SCALE])); // [N, 10]
  }
}

/** A batch norm that learns a shift only and follows the last few batches closely. */
function shiftNorm(features: number): BatchNorm2d {
  return new BatchNorm2d(features, { scale: false, momentum: 0.4, eps: 1e-12 });
}

function partialIdentity(conv: Conv2d): Conv2d {
  dirac(conv.weight, { keepRest: true });
  return conv;
}
