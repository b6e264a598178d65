import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../tensor/tensor.js';
import { BasicConv2d } from './basicConv2d.js';
import type { GoogLeNetOptions } from './googlenet.js';
import { type Inception, inceptions } from './inception.js';
import { expectImages, scaleWidth } from './input.js';
import { modelOptions } from './options.js';

/** Options of `CifarGoogLeNet`. */
export type CifarGoogLeNetOptions = Omit<GoogLeNetOptions, 'auxHeads' | 'auxDropout' | 'transformInput'>;

/**
 * GoogLeNet for 32x32 images: one 3x3 convolution for the stem, so that the nine blocks run at 32x32, 16x16 and 8x8.
 *
 * 5,490,986 parameters and 1.34 G multiply-adds an image; `widthMultiplier: 0.5` has about a quarter of both.
 *
 * Shapes: x [N, inChannels, H, W] with H and W at least 4 -> logits [N, numClasses].
 *
 * Source: the blocks of Szegedy et al. 2015 (arXiv:1409.4842), table 1, as in `GoogLeNet`; the stem is usual for CIFAR and stands
 * in no paper.
 */
export class CifarGoogLeNet extends Module {
  readonly conv1: BasicConv2d;
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
  readonly dropout: Dropout;
  readonly fc: Linear;

  constructor(options: CifarGoogLeNetOptions = {}) {
    super();
    const { numClasses, inChannels, widthMultiplier } = modelOptions('googlenet_cifar', options, [
      'fiveByFive',
      'dropout',
    ]);
    const { fiveByFive = false, dropout = 0.2 } = options;
    const scale = (width: number): number => scaleWidth(width, widthMultiplier);
    const next = inceptions(scale(192), scale, fiveByFive);
    this.conv1 = new BasicConv2d(inChannels, scale(192), 3, { padding: 1, std: 0.01 });
    this.inception3a = next('3a');
    this.inception3b = next('3b');
    this.maxpool3 = new MaxPool2d(2);
    this.inception4a = next('4a');
    this.inception4b = next('4b');
    this.inception4c = next('4c');
    this.inception4d = next('4d');
    this.inception4e = next('4e');
    this.maxpool4 = new MaxPool2d(2);
    this.inception5a = next('5a');
    this.inception5b = next('5b');
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(this.inception5b.outChannels, numClasses);
  }

  forward(x: Tensor): Tensor {
    expectImages('googlenet_cifar', x, this.conv1.conv.inChannels, 4);
    let y = this.conv1.forward(x); // [N, 192, 32, 32]
    y = this.inception3a.forward(y); // [N, 256, 32, 32]
    y = this.inception3b.forward(y); // [N, 480, 32, 32]
    y = this.maxpool3.forward(y); // [N, 480, 16, 16]
    y = this.inception4a.forward(y); // [N, 512, 16, 16]
    y = this.inception4b.forward(y); // [N, 512, 16, 16]
    y = this.inception4c.forward(y); // [N, 512, 16, 16]
    y = this.inception4d.forward(y); // [N, 528, 16, 16]
    y = this.inception4e.forward(y); // [N, 832, 16, 16]
    y = this.maxpool4.forward(y); // [N, 832, 8, 8]
    y = this.inception5a.forward(y); // [N, 832, 8, 8]
    y = this.inception5b.forward(y); // [N, 1024, 8, 8]
    y = this.dropout.forward(globalAvgPool2d(y)); // [N, 1024]
    return this.fc.forward(y); // [N, 10]
  }
}

/** GoogLeNet for 32x32 images. */
export const googlenet_cifar = (options?: CifarGoogLeNetOptions): CifarGoogLeNet => new CifarGoogLeNet(options);
