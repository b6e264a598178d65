import { ArgumentError } from '../../base/errors.js';
import { randomAffine, randomRotation, randomScale } from './affine.js';
import { colorJitter, randomGrayscale } from './colorJitter.js';
import { compose } from './compose.js';
import { cutout, randomErasing } from './erase.js';
import { alternatingFlip, randomHorizontalFlip, randomVerticalFlip } from './flip.js';
import { normalize } from './normalize.js';
import { progressiveResize } from './progressiveResize.js';
import { randAugment } from './randAugment.js';
import { centerCrop, randomResizedCrop, resize } from './resize.js';
import { randomCrop, translate } from './shift.js';
import type { Transform, TransformSpec } from './transform.js';

/** Every function that makes transforms which describe themselves. */
export const TRANSFORM_MAKERS = {
  alternatingFlip,
  centerCrop,
  colorJitter,
  compose,
  cutout,
  normalize,
  progressiveResize,
  randAugment,
  randomAffine,
  randomCrop,
  randomErasing,
  randomGrayscale,
  randomHorizontalFlip,
  randomResizedCrop,
  randomRotation,
  randomScale,
  randomVerticalFlip,
  resize,
  translate,
};

/** The transform that a description is of. */
export function transformFrom(spec: TransformSpec): Transform {
  if (!Object.hasOwn(TRANSFORM_MAKERS, spec.name)) {
    throw new ArgumentError(`transformFrom: there is no transform '${spec.name}'.`);
  }
  const make = TRANSFORM_MAKERS[spec.name as keyof typeof TRANSFORM_MAKERS] as (...args: unknown[]) => Transform;
  return make(...spec.parts.map(transformFrom), ...spec.options);
}
