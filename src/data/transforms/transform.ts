import type { RandomStream } from '../../base/random.js';
import type { Image } from '../image.js';

/** Which image a transform has before it. */
export interface Place {
  /** Epochs of the loader before this one. */
  epoch: number;
  /** Where the image stands in the data set. */
  index: number;
  /** The same in all epochs of a loader, another for another loader: the seed of what each image keeps for good. */
  seed: number;
}

/**
 * A change of one image, such as a random crop. It may alter the image it is given or return another one; an image that
 * it returns is used up before its next call, so it may reuse its memory. All chance comes from `random`; `place`, which a `DataLoader`
 * always gives, tells what the image is.
 */
export interface Transform {
  (image: Image, random: RandomStream, place?: Place): Image;
  /** How to make it again elsewhere, such as in a worker; a function of your own has none. */
  readonly spec?: TransformSpec | undefined;
}

/** A transform as plain data: the name of the function that makes it, and what that function was given. */
export interface TransformSpec {
  /** The function that makes the transform, such as 'randomCrop'. */
  readonly name: string;
  /** The transforms among the arguments; they come first. */
  readonly parts: readonly TransformSpec[];
  /** The other arguments. */
  readonly options: readonly unknown[];
}

/** `apply` with the description `name(...options)`. */
export function described(name: string, options: readonly unknown[], apply: Transform): Transform {
  return Object.assign(apply, { spec: { name, parts: [], options } });
}

/** `apply` with the description `name(...parts, ...options)`, if all parts have one. */
export function describedWith(
  name: string,
  parts: readonly Transform[],
  options: readonly unknown[],
  apply: Transform,
): Transform {
  const specs = parts.map((part) => part.spec);
  if (!specs.every((spec) => spec !== undefined)) return apply;
  return Object.assign(apply, { spec: { name, parts: specs, options } });
}
