import { checkWhole } from '../base/check.js';
import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';

/** What every model of the library is made with. */
export interface ModelOptions {
  /** Default: those of the data set that the network was published for, 10 for CIFAR-10, 1000 for ImageNet. */
  numClasses?: number | undefined;
  /** 3 for color (the default), 1 for gray. */
  inChannels?: number | undefined;
  /** Scales the channels of every layer but the first and last: 0.5 halves them. Default 1. */
  widthMultiplier?: number | undefined;
}

/** What every model knows. */
const COMMON_OPTIONS = ['numClasses', 'inChannels', 'widthMultiplier'] as const;

/** What some models know besides. */
export const FAMILY_OPTIONS = [
  'dropout',
  'stochasticDepth',
  'shortcut',
  'imageSize',
  'routings',
  'auxHeads',
  'fiveByFive',
  'auxDropout',
  'transformInput',
] as const;

export type FamilyOption = (typeof FAMILY_OPTIONS)[number];

/**
 * The common options with their defaults, checked; `own` names those that this model has besides, `classes` is the default of `numClasses`.
 * An option of another family may be there with the value undefined, which leaves it out.
 *
 * Throws `ArgumentError` for an option that this model does not have, with the nearest one and all that it has.
 */
export function modelOptions(
  model: string,
  options: ModelOptions,
  own: readonly FamilyOption[],
  classes = 10,
): Required<ModelOptions> {
  checkModelOptions(model, options, own);
  const { numClasses = classes, inChannels = 3, widthMultiplier = 1 } = options;
  checkWhole(model, 'numClasses', numClasses, 1);
  checkWhole(model, 'inChannels', inChannels, 1);
  if (!(widthMultiplier > 0 && widthMultiplier < Infinity)) {
    throw new ArgumentError(`${model}: widthMultiplier is ${widthMultiplier}, but must be a number above 0.`);
  }
  return { numClasses, inChannels, widthMultiplier };
}

function checkModelOptions(model: string, options: object, own: readonly string[]): void {
  const known: string[] = [...COMMON_OPTIONS, ...own];
  if (typeof options !== 'object' || options === null) {
    throw new ArgumentError(`${model}: the options are ${options}, but must be an object of ${known.join(', ')}.`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (known.includes(key)) continue;
    if (value === undefined && (FAMILY_OPTIONS as readonly string[]).includes(key)) continue;
    const nearest = nearestNames(key, known).map((name) => `'${name}'`);
    const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : '';
    throw new ArgumentError(
      `${model}: there is no option '${key}'.${hint} The options of this model are ${known.join(', ')}.`,
    );
  }
}
