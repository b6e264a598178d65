import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Dropout } from '../layers/dropout.js';
import { truncatedNormal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { avgPool2d } from '../tensor/ops/nn/avgPool2d.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { BasicConv2d, imagenetToSymmetric } from './basicConv2d.js';
import { InceptionA, InceptionB, InceptionC, InceptionD, InceptionE } from './inceptionBlocks.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `InceptionV3`. */
export interface InceptionV3Options extends ModelOptions {
  /** Adds the auxiliary head that helps to train: see `forwardWithAux`. Default false. */
  auxHeads?: boolean | undefined;
  /** Probability of dropping an input of the last linear layer. Default 0.5. */
  dropout?: number | undefined;
  /** Takes images normalized for ImageNet, though trained on -1 to 1: for torchvision's published weights. Default false. */
  transformInput?: boolean | undefined;
}

/** A small classifier on the 17x17 activations. Shapes: x [N, C, H, W] with H and W at least 17 -> logits [N, numClasses]. */
export class InceptionAux extends Module {
  readonly conv0: BasicConv2d;
  readonly conv1: BasicConv2d;
  readonly fc: Linear;

  constructor(inChannels: number, scale: (width: number) => number, numClasses: number) {
    super();
    this.conv0 = new BasicConv2d(inChannels, scale(128), 1, { std: 0.1 });
    this.conv1 = new BasicConv2d(scale(128), scale(768), 5, { std: 0.01 });
    this.fc = linear(scale(768), numClasses, 0.001);
  }

  forward(x: Tensor): Tensor {
    let y = avgPool2d(x, { kernelSize: 5, stride: 3 }); // [N, 768, 5, 5]
    y = this.conv0.forward(y); // [N, 128, 5, 5]
    y = this.conv1.forward(y); // [N, 768, 1, 1]
    return this.fc.forward(globalAvgPool2d(y)); // [N, 1000]
  }
}

/**
 * torchvision's `inception_v3`: large filters taken apart into small and into one-dimensional ones.
 *
 * | part               | output at 299   |                                   |
 * |--------------------|-----------------|-----------------------------------|
 * | Conv2d_1a to 2b    | 64 x 147 x 147  | 3x3, the first with stride 2      |
 * | maxpool1           | 64 x 73 x 73    |                                   |
 * | Conv2d_3b, 4a      | 192 x 71 x 71   | 1x1, 3x3                          |
 * | maxpool2           | 192 x 35 x 35   |                                   |
 * | Mixed_5b to 5d     | 288 x 35 x 35   | `InceptionA`                      |
 * | Mixed_6a           | 768 x 17 x 17   | `InceptionB`                      |
 * | Mixed_6b to 6e     | 768 x 17 x 17   | `InceptionC`; auxiliary head here |
 * | Mixed_7a           | 1280 x 8 x 8    | `InceptionD`                      |
 * | Mixed_7b, 7c       | 2048 x 8 x 8    | `InceptionE`                      |
 * | mean, dropout, fc  | numClasses      |                                   |
 *
 * 23,834,568 parameters and 5.71 G multiply-adds an image of 299x299; with the auxiliary head 27,161,264. Field names are
 * torchvision's; its published weights load with `auxHeads` and `transformInput`.
 *
 * `forward` gives the main logits, in training too. Who trains with the auxiliary head calls `forwardWithAux`.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 75 (299 with the auxiliary head) -> logits [N, numClasses].
 *
 * Source: Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision" (arXiv:1512.00567), table 1 and
 * figures 5 to 7, as its authors' code and torchvision have it: the stem differs from the table. Weights start as in
 * torchvision.
 *
 * @example
 * const { logits, aux } = new InceptionV3({ auxHeads: true }).forwardWithAux(x);
 * const loss = add(crossEntropy(logits, labels), mul(crossEntropy(aux, labels), 0.4));
 */
export class InceptionV3 extends Module {
  readonly Conv2d_1a_3x3: BasicConv2d;
  readonly Conv2d_2a_3x3: BasicConv2d;
  readonly Conv2d_2b_3x3: BasicConv2d;
  readonly maxpool1: MaxPool2d;
  readonly Conv2d_3b_1x1: BasicConv2d;
  readonly Conv2d_4a_3x3: BasicConv2d;
  readonly maxpool2: MaxPool2d;
  readonly Mixed_5b: InceptionA;
  readonly Mixed_5c: InceptionA;
  readonly Mixed_5d: InceptionA;
  readonly Mixed_6a: InceptionB;
  readonly Mixed_6b: InceptionC;
  readonly Mixed_6c: InceptionC;
  readonly Mixed_6d: InceptionC;
  readonly Mixed_6e: InceptionC;
  readonly AuxLogits: InceptionAux | null;
  readonly Mixed_7a: InceptionD;
  readonly Mixed_7b: InceptionE;
  readonly Mixed_7c: InceptionE;
  readonly dropout: Dropout;
  readonly fc: Linear;
  /** Whether images normalized as for other networks are normalized again, as the weights of torchvision need. */
  readonly transformInput: boolean;

  constructor(options: InceptionV3Options = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions(
      'inception_v3',
      options,
      ['auxHeads', 'dropout', 'transformInput'],
      1000,
    );
    const { auxHeads = false, dropout = 0.5, transformInput = false } = options;
    const scale = (width: number): number => scaleWidth(width, widthMultiplier);
    const [w32, w64, w80, w192] = [32, 64, 80, 192].map(scale);
    const std = 0.1;
    this.Conv2d_1a_3x3 = new BasicConv2d(inChannels, w32, 3, { stride: 2, std });
    this.Conv2d_2a_3x3 = new BasicConv2d(w32, w32, 3, { std });
    this.Conv2d_2b_3x3 = new BasicConv2d(w32, w64, 3, { padding: 1, std });
    this.maxpool1 = new MaxPool2d(3, { stride: 2 });
    this.Conv2d_3b_1x1 = new BasicConv2d(w64, w80, 1, { std });
    this.Conv2d_4a_3x3 = new BasicConv2d(w80, w192, 3, { std });
    this.maxpool2 = new MaxPool2d(3, { stride: 2 });
    this.Mixed_5b = new InceptionA(w192, 32, scale);
    this.Mixed_5c = new InceptionA(this.Mixed_5b.outChannels, 64, scale);
    this.Mixed_5d = new InceptionA(this.Mixed_5c.outChannels, 64, scale);
    this.Mixed_6a = new InceptionB(this.Mixed_5d.outChannels, scale);
    this.Mixed_6b = new InceptionC(this.Mixed_6a.outChannels, 128, scale);
    this.Mixed_6c = new InceptionC(this.Mixed_6b.outChannels, 160, scale);
    this.Mixed_6d = new InceptionC(this.Mixed_6c.outChannels, 160, scale);
    this.Mixed_6e = new InceptionC(this.Mixed_6d.outChannels, 192, scale);
    this.AuxLogits = auxHeads ? new InceptionAux(this.Mixed_6e.outChannels, scale, numClasses) : null;
    this.Mixed_7a = new InceptionD(this.Mixed_6e.outChannels, scale);
    this.Mixed_7b = new InceptionE(this.Mixed_7a.outChannels, scale);
    this.Mixed_7c = new InceptionE(this.Mixed_7b.outChannels, scale);
    this.dropout = new Dropout(dropout);
    this.fc = linear(this.Mixed_7c.outChannels, numClasses, 0.1);
    this.transformInput = transformInput;
  }

  forward(x: Tensor): Tensor {
    const y = this.upTo6e(x); // [N, 768, 17, 17]
    return this.from7a(y); // [N, 1000]
  }

  /**
   * The main logits and those of the auxiliary head, each [N, numClasses], to be trained together.
   *
   * Throws `ArgumentError` for a model that was made without `auxHeads`, `ShapeError` for images below 299x299.
   */
  forwardWithAux(x: Tensor): { logits: Tensor; aux: Tensor } {
    if (this.AuxLogits === null) {
      throw new ArgumentError(
        'inception_v3: forwardWithAux needs the auxiliary head. Make the model with auxHeads: true.',
      );
    }
    const y = this.upTo6e(x); // [N, 768, 17, 17]
    const [, , height, width] = y.shape;
    if (height < 17 || width < 17) {
      throw new ShapeError(
        `inception_v3: x ${formatShape(x.shape)} has images too small for the auxiliary head, which needs at least 299x299. Enlarge them, or call forward.`,
      );
    }
    return { logits: this.from7a(y), aux: this.AuxLogits.forward(y) };
  }

  private upTo6e(x: Tensor): Tensor {
    expectImages('inception_v3', x, this.Conv2d_1a_3x3.conv.inChannels, 75);
    let y = this.transformInput ? imagenetToSymmetric(x) : x; // [N, C, H, W]
    y = this.Conv2d_1a_3x3.forward(y); // [N, 32, 149, 149]
    y = this.Conv2d_2a_3x3.forward(y); // [N, 32, 147, 147]
    y = this.Conv2d_2b_3x3.forward(y); // [N, 64, 147, 147]
    y = this.maxpool1.forward(y); // [N, 64, 73, 73]
    y = this.Conv2d_3b_1x1.forward(y); // [N, 80, 73, 73]
    y = this.Conv2d_4a_3x3.forward(y); // [N, 192, 71, 71]
    y = this.maxpool2.forward(y); // [N, 192, 35, 35]
    y = this.Mixed_5b.forward(y); // [N, 256, 35, 35]
    y = this.Mixed_5c.forward(y); // [N, 288, 35, 35]
    y = this.Mixed_5d.forward(y); // [N, 288, 35, 35]
    y = this.Mixed_6a.forward(y); // [N, 768, 17, 17]
    y = this.Mixed_6b.forward(y); // [N, 768, 17, 17]
    y = this.Mixed_6c.forward(y); // [N, 768, 17, 17]
    y = this.Mixed_6d.forward(y); // [N, 768, 17, 17]
    return this.Mixed_6e.forward(y); // [N, 768, 17, 17]
  }

  private from7a(x: Tensor): Tensor {
    let y = this.Mixed_7a.forward(x); // [N, 1280, 8, 8]
    y = this.Mixed_7b.forward(y); // [N, 2048, 8, 8]
    y = this.Mixed_7c.forward(y); // [N, 2048, 8, 8]
    y = this.dropout.forward(globalAvgPool2d(y)); // [N, 2048]
    return this.fc.forward(y); // [N, 1000]
  }
}

function linear(inFeatures: number, outFeatures: number, std: number): Linear {
  const layer = new Linear(inFeatures, outFeatures);
  truncatedNormal(layer.weight, { std });
  return layer;
}

/** Inception v3, for 299x299 images. */
export const inception_v3 = (options?: InceptionV3Options): InceptionV3 => new InceptionV3(options);
