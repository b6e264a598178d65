import { checkOptions } from '../../base/checkOptions.js';
import type { Module } from '../../layers/module.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LayerOptions } from '../layers.js';
import type { TargetOptions } from '../target.js';
import { layerGradient } from './layerGradient.js';
import { weightedMaps } from './weightedMaps.js';

/** Options of `layerCam`. */
export interface LayerCamOptions extends TargetOptions, LayerOptions {}

/**
 * The maps of a layer times the positive part of their gradient, pixel by pixel: sharp in early layers too, where Grad-CAM shows noise.
 *
 * Shapes: x [N, C, H, W] -> [N, h, w], at least 0.
 *
 * Throws like `gradCam`.
 *
 * Source: Jiang et al. 2021, "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", equations 5 and 6.
 */
export function layerCam(model: Module, x: Tensor, options: LayerCamOptions = {}): Tensor {
  checkOptions('layerCam', options, ['target', 'layer']);
  const found = layerGradient('layerCam', model, x, options.target, options.layer);
  return weightedMaps(found, false, (gradient, _maps, weights) => {
    for (let p = 0; p < weights.length; p++) weights[p] = Math.max(0, gradient[p]);
  });
}
