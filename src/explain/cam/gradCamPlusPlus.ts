import { checkOptions } from '../../base/checkOptions.js';
import type { Module } from '../../layers/module.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LayerOptions } from '../layers.js';
import type { TargetOptions } from '../target.js';
import { layerGradient } from './layerGradient.js';
import { weightedMaps } from './weightedMaps.js';

/** Options of `gradCamPlusPlus`. */
export interface GradCamPlusPlusOptions extends TargetOptions, LayerOptions {}

/** Keeps the denominator from 0. */
const EPS = 1e-6;

/**
 * Grad-CAM with weights that count each pixel of a map by how much it matters: several things of one class all light up, instead of the strongest one.
 *
 * Shapes: x [N, C, H, W] -> [N, h, w], at least 0.
 *
 * Throws like `gradCam`.
 *
 * Source: Chattopadhay et al. 2018, "Grad-CAM++: Generalized Gradient-based Visual Explanations", equations 5, 11 and 19, with the exponential of the logit as
 * the score, so that higher derivatives are powers of the first.
 */
export function gradCamPlusPlus(model: Module, x: Tensor, options: GradCamPlusPlusOptions = {}): Tensor {
  checkOptions('gradCamPlusPlus', options, ['target', 'layer']);
  const found = layerGradient('gradCamPlusPlus', model, x, options.target, options.layer);
  return weightedMaps(found, false, (gradient, maps, weights) => {
    let sum = 0;
    for (const value of maps) sum += value;
    let weight = 0;
    for (const g of gradient) {
      const alpha = g === 0 ? 0 : (g * g) / (2 * g * g + sum * g * g * g + EPS);
      weight += alpha * Math.max(0, g);
    }
    weights.fill(weight);
  });
}
