import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import type { RangeMethod } from './calibrate/ranges.js';
import type { ImageBatches } from './images.js';

/** Options of `quantize`. */
export interface QuantizeOptions {
  /** The shape of an input [N, C, H, W]; the batch size doesn't matter. */
  inputShape: Shape;
  /** Images like those the model will see, normalized as in training: a few hundred are enough. Labels tell what quantization costs. */
  calibration: ImageBatches;
  /** Labeled images that accuracy is measured on. Default: the calibration images, if they have labels. */
  validation?: ImageBatches | undefined;
  /** Bits of a weight. 7 is faster where the engine has relaxed SIMD. Default 8. */
  weightBits?: 7 | 8 | undefined;
  /** Bits of an activation. 7 is faster where the engine has relaxed SIMD. Default 8. */
  activationBits?: 7 | 8 | undefined;
  /** Each output channel of a layer has a scale of its own. Default true. */
  perChannel?: boolean | undefined;
  /**
   * How ranges of activations are found: 'minmax' takes all that calibration showed; 'percentile' leaves out the outermost numbers; 'mse' and
   * 'entropy' minimize the squared error and the Kullback-Leibler divergence. Default 'minmax'.
   */
  ranges?: RangeMethod | undefined;
  /** For 'percentile': which share of numbers lies inside, in percent. Default 99.99. */
  percentile?: number | undefined;
  /** Ranges of the inputs of layers by name, as `quantizationAware` found them; calibration finds the others. */
  inputRanges?: ReadonlyMap<string, { readonly min: number; readonly max: number }> | undefined;
  /** Corrects biases by what rounding the weights adds on average. Default false. */
  biasCorrection?: boolean | undefined;
  /** Balances the weights of neighboring layers first, which helps with one scale per tensor. A ReLU6 between them becomes a ReLU. Default false. */
  equalize?: boolean | undefined;
  /** Layers that stay in float32, by their names, or how many: then those with the largest errors. Default: none. */
  keepFloat?: readonly string[] | number | undefined;
  /** The loss of top-1 accuracy, from 0 to 1, that is announced; without labels the share of changed answers. Default 0.01. */
  maxDrop?: number | undefined;
  /** What happens when accuracy falls by more: a warning on the console, or an error. Default 'warn'. */
  onDrop?: 'warn' | 'throw' | undefined;
  /** How many images are used of each of calibration and validation. Default 1000. */
  maxImages?: number | undefined;
}

const names: Record<keyof QuantizeOptions, true> = {
  inputShape: true,
  calibration: true,
  validation: true,
  weightBits: true,
  activationBits: true,
  perChannel: true,
  ranges: true,
  percentile: true,
  inputRanges: true,
  biasCorrection: true,
  equalize: true,
  keepFloat: true,
  maxDrop: true,
  onDrop: true,
  maxImages: true,
};

const METHODS: readonly string[] = ['minmax', 'percentile', 'mse', 'entropy'] satisfies RangeMethod[];

/** Throws `ArgumentError` for options that don't exist, are missing, or have values out of range. */
export function checkQuantizeOptions(options: QuantizeOptions): void {
  checkOptions('quantize', options, Object.keys(names));
  const { inputShape, calibration, weightBits = 8, activationBits = 8, ranges = 'minmax' } = options;
  const { percentile = 99.99, maxDrop = 0.01, onDrop = 'warn', maxImages = 1000, keepFloat = 0 } = options;
  const refuse = (name: string, value: unknown, wanted: string): never => {
    throw new ArgumentError(`quantize: ${name} is ${String(value)}, but must be ${wanted}.`);
  };
  if (!Array.isArray(inputShape)) refuse('inputShape', inputShape, 'the shape of an input, such as [1, 3, 224, 224]');
  if (calibration === undefined || calibration === null) {
    refuse('calibration', calibration, 'batches of images: a Tensor [N, C, H, W], an array of them, or a DataLoader');
  }
  if (weightBits !== 7 && weightBits !== 8) refuse('weightBits', weightBits, '7 or 8');
  if (activationBits !== 7 && activationBits !== 8) refuse('activationBits', activationBits, '7 or 8');
  if (!METHODS.includes(ranges)) refuse('ranges', `'${ranges}'`, `one of '${METHODS.join("', '")}'`);
  if (options.inputRanges !== undefined && !(options.inputRanges instanceof Map)) {
    refuse('inputRanges', options.inputRanges, 'a Map from names of layers to { min, max }');
  }
  for (const [name, { min, max }] of options.inputRanges ?? []) {
    if (!(min <= max && Number.isFinite(max - min))) refuse(`inputRanges for '${name}'`, `${min} to ${max}`, 'a range');
  }
  if (!(percentile > 50 && percentile <= 100)) refuse('percentile', percentile, 'above 50 and at most 100');
  if (!(maxDrop >= 0)) refuse('maxDrop', maxDrop, 'at least 0');
  if (onDrop !== 'warn' && onDrop !== 'throw') refuse('onDrop', `'${String(onDrop)}'`, "'warn' or 'throw'");
  if (!(Number.isInteger(maxImages) && maxImages > 0)) refuse('maxImages', maxImages, 'a whole number above 0');
  if (!Array.isArray(keepFloat) && !(Number.isInteger(keepFloat) && (keepFloat as number) >= 0)) {
    refuse('keepFloat', keepFloat, 'names of layers, or a whole number');
  }
}
