import { checkWhole } from '../tensor/check.js';
import { ArgumentError } from '../tensor/errors.js';

/** What every model of the library is made with. */
export interface ModelOptions {
  /** Default: those of the data set that the network was published for, 10 for CIFAR-10, 1000 for ImageNet. */
  numClasses?: number;
  /** 3 for colour (the default), 1 for grey. */
  inChannels?: number;
  /** Scales the channels of every layer but the first and last: 0.5 halves them. Default 1. */
  widthMultiplier?: number;
}

/** The options with their defaults, checked. `classes` is the default of `numClasses`. */
export function modelOptions(model: string, options: ModelOptions, classes = 10): Required<ModelOptions> {
  const { numClasses = classes, inChannels = 3, widthMultiplier = 1 } = options;
  checkWhole(model, 'numClasses', numClasses, 1);
  checkWhole(model, 'inChannels', inChannels, 1);
  if (!(widthMultiplier > 0 && widthMultiplier < Infinity)) {
    throw new ArgumentError(`${model}: widthMultiplier is ${widthMultiplier}, but must be a number above 0.`);
  }
  return { numClasses, inChannels, widthMultiplier };
}
