// The transforms by name, and the types they share.
export { type RandomAffineOptions, randomAffine, randomRotation, randomScale } from './affine.js';
export { type ColorJitterOptions, colorJitter, randomGrayscale } from './colorJitter.js';
export { compose } from './compose.js';
export type { CropPadding } from './edges.js';
export {
  type CutoutOptions,
  cutout,
  type EraseValue,
  type RandomErasingOptions,
  randomErasing,
} from './erase.js';
export { alternatingFlip, randomHorizontalFlip, randomVerticalFlip } from './flip.js';
export type { Interval } from './interval.js';
export { type MeanStd, normalize } from './normalize.js';
export { progressiveResize } from './progressiveResize.js';
export { type RandAugmentOptions, randAugment } from './randAugment.js';
export {
  centerCrop,
  type ImageSize,
  type RandomResizedCropOptions,
  type ResizeOptions,
  randomResizedCrop,
  resize,
} from './resize.js';
export { randomCrop, translate } from './shift.js';
export type { Place, Transform, TransformSpec } from './transform.js';
export type { SamplingOptions } from './warp.js';
