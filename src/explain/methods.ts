import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';
import { gradCam } from './cam/gradCam.js';
import { gradCamPlusPlus } from './cam/gradCamPlusPlus.js';
import { hiResCam } from './cam/hiResCam.js';
import { layerCam } from './cam/layerCam.js';
import { scoreCam } from './cam/scoreCam.js';
import { guidedBackprop } from './guidedBackprop.js';
import { integratedGradients } from './integratedGradients.js';
import { occlusion } from './occlusion.js';
import { saliency } from './saliency.js';
import { smoothGrad } from './smoothGrad.js';

type Method = (model: Module, x: Tensor, options: { target: readonly number[]; layer?: string | undefined }) => Tensor;

/** The methods of `explain` by their names. */
export const methods = {
  'grad-cam': (model, x, options) => gradCam(model, x, options),
  'grad-cam++': (model, x, options) => gradCamPlusPlus(model, x, options),
  'hires-cam': (model, x, options) => hiResCam(model, x, options),
  'layer-cam': (model, x, options) => layerCam(model, x, options),
  'score-cam': (model, x, options) => scoreCam(model, x, options),
  saliency: (model, x, { target }) => saliency(model, x, { target }),
  smoothgrad: (model, x, { target }) => smoothGrad(model, x, { target }),
  'integrated-gradients': (model, x, { target }) => integratedGradients(model, x, { target }).attributions,
  'guided-backprop': (model, x, { target }) => guidedBackprop(model, x, { target }),
  occlusion: (model, x, { target }) => occlusion(model, x, { target }),
} as const satisfies Readonly<Record<string, Method>>;

/** The name of a method of `explain`. */
export type ExplainMethod = keyof typeof methods;

/** Those that look at a layer. */
export const layerMethods: readonly ExplainMethod[] = ['grad-cam', 'grad-cam++', 'hires-cam', 'layer-cam', 'score-cam'];
