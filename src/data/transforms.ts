// The transforms by name, and the type they share.
export { compose } from './transforms/compose.js';
export { alternatingFlip, randomHorizontalFlip, randomVerticalFlip } from './transforms/flip.js';
export { type MeanStd, normalize } from './transforms/normalize.js';
export { type CropPadding, randomCrop, translate } from './transforms/shift.js';
export type { Place, Transform, TransformSpec } from './transforms/transform.js';
