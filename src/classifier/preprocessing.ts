import { checkWhole, type Pair, pair } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { describeValue } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';

const fits = ['crop', 'stretch', 'pad'] as const;
const filters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
const colorOrders = ['RGB', 'BGR', 'L'] as const;

/** How a photograph becomes the input of a network. */
export interface Preprocessing {
  /** Height and width of the input in pixels. */
  readonly size: readonly [number, number];
  /**
   * 'crop' scales the short side and cuts out the center; 'stretch' scales both sides, whatever the shape; 'pad' scales the long side and
   * fills the rest with the mean color.
   */
  readonly fit: 'crop' | 'stretch' | 'pad';
  /** What the short side is scaled to before the crop, in pixels. */
  readonly shortSide: number;
  /** How the photograph is resized. */
  readonly filter: 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';
  /** Subtracted from each channel, in the order of `colorOrder`, where bytes count from 0 to 1. */
  readonly mean: readonly number[];
  /** What each channel is divided by afterwards. */
  readonly std: readonly number[];
  /** The channels of the input; 'L' is one of gray. */
  readonly colorOrder: 'RGB' | 'BGR' | 'L';
}

/** `Preprocessing` as it is given: only the size is needed. */
export interface PreprocessingOptions {
  /** The side of the input, or [height, width]. */
  size: Pair;
  /** Default 'crop'. */
  fit?: Preprocessing['fit'] | undefined;
  /** Default: the shorter side of the input. */
  shortSide?: number | undefined;
  /** Default 'bilinear'. */
  filter?: Preprocessing['filter'] | undefined;
  /** Default: zeros. */
  mean?: readonly number[] | undefined;
  /** Default: ones. */
  std?: readonly number[] | undefined;
  /** Default 'RGB'. */
  colorOrder?: Preprocessing['colorOrder'] | undefined;
}

/**
 * Checks how photographs are prepared and fills in the defaults.
 *
 * Throws `ArgumentError` for values that are out of range or don't fit each other.
 *
 * @example
 * preprocessing({ size: 224, shortSide: 256 }).size; // [224, 224]
 */
export function preprocessing(options: PreprocessingOptions): Preprocessing {
  const who = 'preprocessing';
  checkOptions(who, options, ['size', 'fit', 'shortSide', 'filter', 'mean', 'std', 'colorOrder']);
  const size = pair(who, 'size', options.size, 1);
  const fit = choice('fit', options.fit ?? 'crop', fits);
  const filter = choice('filter', options.filter ?? 'bilinear', filters);
  const colorOrder = choice('colorOrder', options.colorOrder ?? 'RGB', colorOrders);
  const least = Math.min(...size);
  const shortSide = checkWhole(who, 'shortSide', options.shortSide ?? least, 1);
  if (shortSide < least) {
    throw new ArgumentError(
      `${who}: shortSide is ${shortSide}, but the crop of ${size.join(' x ')} pixels needs at least ${least}.`,
    );
  }
  const channels = colorOrder === 'L' ? 1 : 3;
  const mean = perChannel('mean', options.mean ?? new Array<number>(channels).fill(0), channels);
  const std = perChannel('std', options.std ?? new Array<number>(channels).fill(1), channels);
  if (std.some((value) => value <= 0)) {
    throw new ArgumentError(`${who}: std is [${std.join(', ')}], but must be above 0.`);
  }
  return { size, fit, shortSide, filter, mean, std, colorOrder };
}

function choice<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  if ((allowed as readonly string[]).includes(value)) return value as T;
  throw new ArgumentError(
    `preprocessing: ${name} is ${describeValue(value)}, but must be one of ${allowed.map((a) => `'${a}'`).join(', ')}.`,
  );
}

function perChannel(name: string, values: readonly number[], channels: number): readonly number[] {
  if (Array.isArray(values) && values.length === channels && values.every((v) => Number.isFinite(v)))
    return [...values];
  throw new ArgumentError(
    `preprocessing: ${name} is ${Array.isArray(values) ? `[${values.join(', ')}]` : describeValue(values)}, but must be ${channels} numbers, one per channel.`,
  );
}
