import { checkWhole, type Pair, pair } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { checkInterval, checkProbability, type Interval } from '../../data/transforms/interval.js';
import type { DecodeImageOptions } from '../../images/decodeImage.js';
import type { ResizeFilter } from '../../images/resize/filters.js';
import type { PhotoAugmentation, PhotoPreparation } from './preparation.js';

/** Random parts of photographs, as training sees them. */
export interface PhotoAugmentationOptions {
  /** The share of the photograph's area that the random part has. Default: [0.08, 1]. */
  scale?: Interval | undefined;
  /** Width by height of the random part. Default: [3 / 4, 4 / 3]. */
  ratio?: Interval | undefined;
  /** The probability of a mirrored image. Default: 0.5. */
  flip?: number | undefined;
}

/** How the photographs of a data set become images of one size, on their bytes. */
export interface PhotoOptions {
  /** Pixels of the images: a number for squares, or [height, width]. Default: 224. */
  size?: Pair | undefined;
  /**
   * The whole photograph is scaled to this shorter side before a part is cut out. Default: 8 / 7 of `size` (256 for 224), and with `augment`, or
   * where height and width differ, not at all.
   */
  shortSide?: number | undefined;
  /** What is done with photographs of another shape: 'crop' cuts out the middle, 'stretch' distorts them. Default: 'crop'. */
  fit?: 'crop' | 'stretch' | undefined;
  /** As in `resizeImage`. Default: 'bilinear'. */
  filter?: ResizeFilter | undefined;
  /** 'RGB', or 'L' for gray images of one channel. Default: 'RGB'. */
  mode?: 'RGB' | 'L' | undefined;
  /** In training loops, a random part of each photograph, mirrored or not; true for the defaults. Default: false. */
  augment?: boolean | PhotoAugmentationOptions | undefined;
  /** What `decodeImage` is told: `maxPixels`, `truncated`, `background`. */
  decode?: Omit<DecodeImageOptions, 'mode'> | undefined;
}

/** The names of `PhotoOptions`. */
export const PHOTO_OPTIONS = ['size', 'shortSide', 'fit', 'filter', 'mode', 'augment', 'decode'];

const FILTERS = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];

/** Options with their defaults filled in. Throws `ArgumentError` for one out of range. */
export function preparationOf(who: string, options: PhotoOptions): PhotoPreparation {
  const { filter = 'bilinear', mode = 'RGB', fit = 'crop', decode = {} } = options;
  oneOf(who, 'filter', filter, FILTERS);
  oneOf(who, 'mode', mode, ['RGB', 'L']);
  oneOf(who, 'fit', fit, ['crop', 'stretch']);
  checkOptions(`${who}: decode`, decode, ['background', 'maxPixels', 'truncated']);
  const size = pair(who, 'size', options.size ?? 224, 1);
  const augment = augmentationOf(who, options.augment ?? false);
  const isSquare = size[0] === size[1];
  const usual = augment === null && fit === 'crop' && isSquare ? Math.round((size[0] * 8) / 7) : null;
  const shortSide = options.shortSide === undefined ? usual : checkWhole(who, 'shortSide', options.shortSide, 1);
  if (shortSide !== null && augment === null && fit === 'crop' && shortSide < Math.min(...size)) {
    throw new ArgumentError(
      `${who}: shortSide is ${shortSide}, but a part of ${size[0]} x ${size[1]} is to be cut out. Pass at least ${Math.min(...size)}.`,
    );
  }
  return { decode: { ...decode, mode }, filter, shortSide, size, fit, augment };
}

function augmentationOf(who: string, augment: boolean | PhotoAugmentationOptions): PhotoAugmentation | null {
  if (augment === false) return null;
  const given = augment === true ? {} : augment;
  checkOptions(`${who}: augment`, given, ['scale', 'ratio', 'flip']);
  return {
    scale: checkInterval(who, 'scale', given.scale ?? [0.08, 1], [0, 1]),
    ratio: checkInterval(who, 'ratio', given.ratio ?? [3 / 4, 4 / 3], [0.001, 1000]),
    flip: checkProbability(who, given.flip ?? 0.5),
  };
}

function oneOf(who: string, name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new ArgumentError(`${who}: ${name} is '${value}', but must be one of ${known.join(', ')}.`);
}
