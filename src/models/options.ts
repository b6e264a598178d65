import { checkWhole } from '../tensor/check.js';
import { checkOptions } from '../tensor/checkOptions.js';
import { ArgumentError } from '../tensor/errors.js';

/** What every model of the library is made with. */
export interface ModelOptions {
  /** Default: those of the data set that the network was published for, 10 for CIFAR-10, 1000 for ImageNet. */
  numClasses?: number | undefined;
  /** 3 for colour (the default), 1 for grey. */
  inChannels?: number | undefined;
  /** Scales the channels of every layer but the first and last: 0.5 halves them. Default 1. */
  widthMultiplier?: number | undefined;
}

/** The options of every family: a model uses those that it knows, and leaves those of others alone. */
export const MODEL_OPTIONS = [
  'numClasses',
  'inChannels',
  'widthMultiplier',
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

/** The options with their defaults, checked; one that no family knows is an error. `classes` is the default of `numClasses`. */
export function modelOptions(model: string, options: ModelOptions, classes = 10): Required<ModelOptions> {
  checkOptions(model, options, MODEL_OPTIONS);
  const { numClasses = classes, inChannels = 3, widthMultiplier = 1 } = options;
  checkWhole(model, 'numClasses', numClasses, 1);
  checkWhole(model, 'inChannels', inChannels, 1);
  if (!(widthMultiplier > 0 && widthMultiplier < Infinity)) {
    throw new ArgumentError(`${model}: widthMultiplier is ${widthMultiplier}, but must be a number above 0.`);
  }
  return { numClasses, inChannels, widthMultiplier };
}
