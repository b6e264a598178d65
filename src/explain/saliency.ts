import { checkOptions } from '../base/checkOptions.js';
import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectPictures, inputGradient, largestOfChannels } from './inputGradient.js';
import type { TargetOptions } from './target.js';

/**
 * How much the logit of a class changes with each pixel: the largest size of the gradient among its channels.
 *
 * Shapes: x [N, C, H, W] -> [N, H, W], all at least 0.
 *
 * Throws `ShapeError` and `ArgumentError` for what is no model, no pictures or no class.
 *
 * Source: Simonyan, Vedaldi and Zisserman 2014, "Deep Inside Convolutional Networks", section 3.
 *
 * @example
 * saliency(createModel('resnet20'), images, { target: 3 }).shape; // [8, 32, 32]
 */
export function saliency(model: Module, x: Tensor, options: TargetOptions = {}): Tensor {
  checkOptions('saliency', options, ['target']);
  expectPictures('saliency', model, x);
  return largestOfChannels(inputGradient('saliency', model, x, options.target).gradient, x.shape);
}
