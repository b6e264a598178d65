// The transforms by name, and the types they share.
export { type RandomAffineOptions, randomAffine, randomRotation, randomScale } from './transforms/affine.js';
export { type ColorJitterOptions, colorJitter, randomGrayscale } from './transforms/colorJitter.js';
export { compose } from './transforms/compose.js';
export type { CropPadding } from './transforms/edges.js';
export {
  type CutoutOptions,
  cutout,
  type EraseValue,
  type RandomErasingOptions,
  randomErasing,
} from './transforms/erase.js';
export { alternatingFlip, randomHorizontalFlip, randomVerticalFlip } from './transforms/flip.js';
export type { Interval } from './transforms/interval.js';
export { type MeanStd, normalize } from './transforms/normalize.js';
export { progressiveResize } from './transforms/progressiveResize.js';
export { type RandAugmentOptions, randAugment } from './transforms/randAugment.js';
export {
  centerCrop,
  type ImageSize,
  type RandomResizedCropOptions,
  type ResizeOptions,
  randomResizedCrop,
  resize,
} from './transforms/resize.js';
export { randomCrop, translate } from './transforms/shift.js';
export type { Place, Transform, TransformSpec } from './transforms/transform.js';
export type { SamplingOptions } from './transforms/warp.js';
