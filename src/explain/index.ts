// The public names of stridenet/explain: which parts of a picture a network's answer comes from, and what its layers look for.
export type { Place } from '../classifier/prepare.js';
export { type GradCamOptions, gradCam } from './cam/gradCam.js';
export { type GradCamPlusPlusOptions, gradCamPlusPlus } from './cam/gradCamPlusPlus.js';
export { type HiResCamOptions, hiResCam } from './cam/hiResCam.js';
export { type LayerCamOptions, layerCam } from './cam/layerCam.js';
export { type ScoreCamOptions, scoreCam } from './cam/scoreCam.js';
export type { SignedOptions } from './cam/weightedMaps.js';
export {
  type DrawEmbeddingMapOptions,
  drawEmbeddingMap,
  type EmbeddingMapOptions,
  embeddingMap,
} from './embeddingMap.js';
export { type ExplainOptions, type Explanation, explain } from './explain.js';
export { featureMaps } from './features/featureMaps.js';
export { firstFilters, type SmallPicture } from './features/firstFilters.js';
export {
  type MaximizeActivationOptions,
  type MaximizedActivation,
  maximizeActivation,
} from './features/maximizeActivation.js';
export { guidedBackprop } from './guidedBackprop.js';
export { type Heatmap, type HeatmapOptions, heatmaps } from './heatmap.js';
export {
  type IntegratedGradients,
  type IntegratedGradientsOptions,
  integratedGradients,
} from './integratedGradients.js';
export type { LayerOptions } from './layers.js';
export { type DeletionInsertion, type DeletionInsertionOptions, deletionInsertion } from './measures/curves.js';
export {
  type RandomizationTest,
  type RandomizationTestOptions,
  randomizationTest,
} from './measures/randomizationTest.js';
export { rankCorrelation } from './measures/rankCorrelation.js';
export type { ExplainMethod } from './methods.js';
export { type OcclusionOptions, occlusion } from './occlusion.js';
export { drawOverlay, type OverlayOptions } from './overlay.js';
export { saliency } from './saliency.js';
export { type SmoothGradOptions, smoothGrad } from './smoothGrad.js';
export type { TargetOptions } from './target.js';
