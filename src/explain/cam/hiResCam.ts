import { checkOptions } from '../../base/checkOptions.js';
import type { Module } from '../../layers/module.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LayerOptions } from '../layers.js';
import type { TargetOptions } from '../target.js';
import { layerGradient } from './layerGradient.js';
import { type SignedOptions, weightedMaps } from './weightedMaps.js';

/** Options of `hiResCam`. */
export interface HiResCamOptions extends TargetOptions, LayerOptions, SignedOptions {}

/**
 * The maps of a layer times their gradient, pixel by pixel. Where only linear layers follow, the map adds up to what the picture adds to the logit: it shows the
 * places that were used, which Grad-CAM's averages can miss.
 *
 * Shapes: x [N, C, H, W] -> [N, h, w], at least 0.
 *
 * Throws like `gradCam`.
 *
 * Source: Draelos and Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks", equation 3.
 */
export function hiResCam(model: Module, x: Tensor, options: HiResCamOptions = {}): Tensor {
  checkOptions('hiResCam', options, ['target', 'layer', 'signed']);
  const found = layerGradient('hiResCam', model, x, options.target, options.layer);
  return weightedMaps(found, options.signed ?? false, (gradient, _maps, weights) => weights.set(gradient));
}
