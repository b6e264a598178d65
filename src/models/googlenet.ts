import { ArgumentError } from '../base/errors.js';
import { Dropout } from '../layers/dropout.js';
import { truncatedNormal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { adaptiveAvgPool2d } from '../tensor/ops/nn/adaptiveAvgPool2d.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';
import { BasicConv2d, imagenetToSymmetric } from './basicConv2d.js';
import { type Inception, inceptions } from './inception.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

const ownOptions = ['auxHeads', 'fiveByFive', 'dropout', 'auxDropout', 'transformInput'] as const;

/** Options of `GoogLeNet`. */
export interface GoogLeNetOptions extends ModelOptions {
  /** Adds the two auxiliary heads that help to train: see `forwardWithAux`. Default false. */
  auxHeads?: boolean | undefined;
  /** The third path of each block has the paper's 5x5 filters instead of torchvision's 3x3. Default false. */
  fiveByFive?: boolean | undefined;
  /** Probability of dropping an input of the last linear layer. Default 0.2. */
  dropout?: number | undefined;
  /** The same inside the auxiliary heads, for models with `auxHeads`. Default 0.7. */
  auxDropout?: number | undefined;
  /** Takes images normalized for ImageNet, though trained on -1 to 1: for torchvision's published weights. Default false. */
  transformInput?: boolean | undefined;
}

/** Main and auxiliary logits, each [N, numClasses]. */
export interface GoogLeNetLogits {
  /** The main classifier's logits [N, K]. */
  logits: Tensor;
  /** The logits of the auxiliary classifier after inception4a [N, K]. */
  aux1: Tensor;
  /** The logits of the auxiliary classifier after inception4d [N, K]. */
  aux2: Tensor;
}

/** Standard deviation of the weights at the start, as in torchvision. */
const std = 0.01;

/** A small classifier on activations half-way. Shapes: x [N, C, H, W] -> logits [N, numClasses]. */
export class GoogLeNetAux extends Module {
  readonly conv: BasicConv2d;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;

  constructor(inChannels: number, width: number, hidden: number, numClasses: number, dropout: number) {
    super();
    this.conv = new BasicConv2d(inChannels, width, 1, { std });
    this.fc1 = linear(width * 4 * 4, hidden);
    this.fc2 = linear(hidden, numClasses);
    this.dropout = new Dropout(dropout);
  }

  forward(x: Tensor): Tensor {
    let y = adaptiveAvgPool2d(x, 4); // [N, C, 4, 4]
    y = flatten(this.conv.forward(y)); // [N, 2048]
    y = relu(this.fc1.forward(y)); // [N, 1024]
    return this.fc2.forward(this.dropout.forward(y)); // [N, 1000]
  }
}

/**
 * torchvision's `googlenet`, which is Inception v1 with batch norm: a stem, nine blocks of four paths, the mean of each
 * channel and one linear layer.
 *
 * 6,624,904 parameters and 1.50 G multiply-adds an image of 224x224; with auxiliary heads 13,004,888; with the paper's 5x5
 * filters 7,005,832. Field names are torchvision's; its published weights load with `auxHeads` and `transformInput`.
 *
 * `forward` gives the main logits, in training too, so that everything that takes a model takes this one. Who trains with the
 * auxiliary heads calls `forwardWithAux`.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 15 -> logits [N, numClasses].
 *
 * Source: Szegedy et al. 2015, "Going Deeper with Convolutions" (arXiv:1409.4842), table 1. As in torchvision batch norm
 * stands for local response normalization, the last pooling has 2x2 windows, and (unless `fiveByFive`) 3x3 filters stand for
 * 5x5.
 *
 * @example
 * const model = new GoogLeNet({ auxHeads: true });
 * const { logits, aux1, aux2 } = model.forwardWithAux(x);
 * const aux = add(crossEntropy(aux1, labels), crossEntropy(aux2, labels));
 * const loss = add(crossEntropy(logits, labels), mul(aux, 0.3));
 */
export class GoogLeNet extends Module {
  readonly conv1: BasicConv2d;
  readonly maxpool1: MaxPool2d;
  readonly conv2: BasicConv2d;
  readonly conv3: BasicConv2d;
  readonly maxpool2: MaxPool2d;
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3: MaxPool2d;
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly inception4c: Inception;
  readonly inception4d: Inception;
  readonly inception4e: Inception;
  readonly maxpool4: MaxPool2d;
  readonly inception5a: Inception;
  readonly inception5b: Inception;
  readonly aux1: GoogLeNetAux | null;
  readonly aux2: GoogLeNetAux | null;
  readonly dropout: Dropout;
  readonly fc: Linear;
  /** Whether images normalized as for other networks are normalized again, as the weights of torchvision need. */
  readonly transformInput: boolean;

  constructor(options: GoogLeNetOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('googlenet', options, ownOptions, 1000);
    const { auxHeads = false, fiveByFive = false, dropout = 0.2, auxDropout = 0.7, transformInput = false } = options;
    if (options.auxDropout !== undefined && !auxHeads) {
      throw new ArgumentError(
        `googlenet: auxDropout is ${auxDropout}, but this model has no auxiliary heads. Pass auxHeads: true as well, or leave it out.`,
      );
    }
    const scale = (width: number): number => scaleWidth(width, widthMultiplier);
    const [w1, w3, wAux, hidden] = [64, 192, 128, 1024].map(scale);
    const pool = (kernelSize: number): MaxPool2d => new MaxPool2d(kernelSize, { stride: 2, ceilMode: true });
    const next = inceptions(w3, scale, fiveByFive);
    this.conv1 = new BasicConv2d(inChannels, w1, 7, { stride: 2, padding: 3, std });
    this.maxpool1 = pool(3);
    this.conv2 = new BasicConv2d(w1, w1, 1, { std });
    this.conv3 = new BasicConv2d(w1, w3, 3, { padding: 1, std });
    this.maxpool2 = pool(3);
    this.inception3a = next('3a');
    this.inception3b = next('3b');
    this.maxpool3 = pool(3);
    this.inception4a = next('4a');
    this.inception4b = next('4b');
    this.inception4c = next('4c');
    this.inception4d = next('4d');
    this.inception4e = next('4e');
    this.maxpool4 = pool(2);
    this.inception5a = next('5a');
    this.inception5b = next('5b');
    const aux = (block: Inception): GoogLeNetAux | null =>
      auxHeads ? new GoogLeNetAux(block.outChannels, wAux, hidden, numClasses, auxDropout) : null;
    this.aux1 = aux(this.inception4a);
    this.aux2 = aux(this.inception4d);
    this.dropout = new Dropout(dropout);
    this.fc = linear(this.inception5b.outChannels, numClasses);
    this.transformInput = transformInput;
  }

  forward(x: Tensor): Tensor {
    const y4a = this.upTo4a(x); // [N, 512, 14, 14]
    const y4d = this.from4bTo4d(y4a); // [N, 528, 14, 14]
    return this.from4e(y4d); // [N, 1000]
  }

  /**
   * The main logits and those of both auxiliary heads, to be trained together; the paper weighs the auxiliary losses by 0.3.
   *
   * Throws `ArgumentError` for a model that was made without `auxHeads`.
   */
  forwardWithAux(x: Tensor): GoogLeNetLogits {
    const { aux1, aux2 } = this;
    if (aux1 === null || aux2 === null) {
      throw new ArgumentError(
        'googlenet: forwardWithAux needs the auxiliary heads. Make the model with auxHeads: true.',
      );
    }
    const y4a = this.upTo4a(x); // [N, 512, 14, 14]
    const y4d = this.from4bTo4d(y4a); // [N, 528, 14, 14]
    return { logits: this.from4e(y4d), aux1: aux1.forward(y4a), aux2: aux2.forward(y4d) };
  }

  private upTo4a(x: Tensor): Tensor {
    expectImages('googlenet', x, this.conv1.conv.inChannels, 15);
    let y = this.transformInput ? imagenetToSymmetric(x) : x; // [N, C, H, W]
    y = this.conv1.forward(y); // [N, 64, 112, 112]
    y = this.maxpool1.forward(y); // [N, 64, 56, 56]
    y = this.conv2.forward(y); // [N, 64, 56, 56]
    y = this.conv3.forward(y); // [N, 192, 56, 56]
    y = this.maxpool2.forward(y); // [N, 192, 28, 28]
    y = this.inception3a.forward(y); // [N, 256, 28, 28]
    y = this.inception3b.forward(y); // [N, 480, 28, 28]
    y = this.maxpool3.forward(y); // [N, 480, 14, 14]
    return this.inception4a.forward(y); // [N, 512, 14, 14]
  }

  private from4bTo4d(x: Tensor): Tensor {
    let y = this.inception4b.forward(x); // [N, 512, 14, 14]
    y = this.inception4c.forward(y); // [N, 512, 14, 14]
    return this.inception4d.forward(y); // [N, 528, 14, 14]
  }

  private from4e(x: Tensor): Tensor {
    let y = this.inception4e.forward(x); // [N, 832, 14, 14]
    y = this.maxpool4.forward(y); // [N, 832, 7, 7]
    y = this.inception5a.forward(y); // [N, 832, 7, 7]
    y = this.inception5b.forward(y); // [N, 1024, 7, 7]
    y = this.dropout.forward(globalAvgPool2d(y)); // [N, 1024]
    return this.fc.forward(y); // [N, 1000]
  }
}

function linear(inFeatures: number, outFeatures: number): Linear {
  const layer = new Linear(inFeatures, outFeatures);
  truncatedNormal(layer.weight, { std });
  return layer;
}

/** GoogLeNet with batch norm, as in torchvision. */
export const googlenet = (options?: GoogLeNetOptions): GoogLeNet => new GoogLeNet(options);
