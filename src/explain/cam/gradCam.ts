import { checkOptions } from '../../base/checkOptions.js';
import type { Module } from '../../layers/module.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LayerOptions } from '../layers.js';
import type { TargetOptions } from '../target.js';
import { layerGradient } from './layerGradient.js';
import { type SignedOptions, weightedMaps } from './weightedMaps.js';

/** Options of `gradCam`. */
export interface GradCamOptions extends TargetOptions, LayerOptions, SignedOptions {}

/**
 * Where a layer sees what speaks for a class: its maps, each weighted by the mean of its gradient. One pass forward, and one back to the layer.
 *
 * Shapes: x [N, C, H, W] -> [N, h, w], the size of the layer's maps, at least 0. `heatmaps` enlarges them.
 *
 * Throws like `saliency`, and `ArgumentError` for a layer that isn't there or gives no maps.
 *
 * Source: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", equations 1 and 2.
 *
 * @example
 * gradCam(createModel('resnet18'), images, { layer: 'layer4' }).shape; // [8, 7, 7]
 */
export function gradCam(model: Module, x: Tensor, options: GradCamOptions = {}): Tensor {
  checkOptions('gradCam', options, ['target', 'layer', 'signed']);
  const found = layerGradient('gradCam', model, x, options.target, options.layer);
  return weightedMaps(found, options.signed ?? false, (gradient, _maps, weights) => {
    let mean = 0;
    for (const value of gradient) mean += value / gradient.length;
    weights.fill(mean);
  });
}
