import { ArgumentError, ShapeError } from '../tensor/errors.js';
import type { RandomStream } from '../tensor/random.js';
import type { Image } from './image.js';

/**
 * A change of one image, such as a random crop. It may alter the image it is given or return another one; an image that
 * it returns is used up before its next call, so it may reuse its memory. All chance comes from `random`.
 */
export type Transform = (image: Image, random: RandomStream) => Image;

/**
 * Applies transforms one after another.
 *
 * @example
 * const augment = compose(randomCrop(4), randomHorizontalFlip());
 */
export function compose(...transforms: readonly Transform[]): Transform {
  return (image, random) => {
    let result = image;
    for (const transform of transforms) result = transform(result, random);
    return result;
  };
}

/** Mean and standard deviation of each channel. */
export interface MeanStd {
  mean: readonly number[];
  std: readonly number[];
}

/**
 * y[c] = (x[c] - mean[c]) / std[c], in place. As a rule the last transform, so that padding is black before it.
 *
 * Throws `ArgumentError` for a std that is not above 0, `ShapeError` for an image with other channels.
 */
export function normalize(mean: readonly number[], std: readonly number[]): Transform {
  if (mean.length !== std.length || std.some((s) => !(s > 0)) || mean.some((m) => !Number.isFinite(m))) {
    throw new ArgumentError(
      `normalize: mean [${mean.join(', ')}] and std [${std.join(', ')}] must be finite numbers, one a channel, with each std above 0.`,
    );
  }
  const scales = std.map((s) => 1 / s);
  return (image) => {
    const { data, channels, height, width } = image;
    if (channels !== mean.length) {
      throw new ShapeError(`normalize: the image has ${channels} channels, but mean and std have ${mean.length}.`);
    }
    const plane = height * width;
    for (let c = 0; c < channels; c++) {
      const m = mean[c];
      const scale = scales[c];
      const end = (c + 1) * plane;
      for (let i = c * plane; i < end; i++) data[i] = (data[i] - m) * scale;
    }
    return image;
  };
}

/** Mirrors left and right with probability `p`, in place. */
export function randomHorizontalFlip(p = 0.5): Transform {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`randomHorizontalFlip: p is ${p}, but must lie between 0 and 1.`);
  return (image, random) => {
    if (random.uniform() >= p) return image;
    const { data, width } = image;
    for (let row = 0; row < data.length; row += width) {
      for (let left = row, right = row + width - 1; left < right; left++, right--) {
        const pixel = data[left];
        data[left] = data[right];
        data[right] = pixel;
      }
    }
    return image;
  };
}

/** What lies around an image: black, its mirror without the edge pixel (c b | a b c), or its edge pixel (a a | a b c). */
export type CropPadding = 'zero' | 'reflect' | 'replicate';

/**
 * Pads each side by `padding` pixels and cuts out a window of the image's own size at a random place: shifts by up to
 * `padding` pixels each way, every shift equally likely.
 *
 * Source: He et al. 2015 (arXiv:1512.03385), section 4.2, with 4 pixels of zeros.
 */
export function randomCrop(padding: number, mode: CropPadding = 'zero'): Transform {
  if (!Number.isInteger(padding) || padding < 0) {
    throw new ArgumentError(`randomCrop: padding is ${padding}, but must be a whole number >= 0.`);
  }
  if (mode !== 'zero' && mode !== 'reflect' && mode !== 'replicate') {
    throw new ArgumentError(`randomCrop: mode is '${mode}', but must be one of 'zero', 'reflect', 'replicate'.`);
  }
  let spare = new Float32Array(0);
  return (image, random) => {
    const { data: x, channels, height, width } = image;
    const rows = sources(height, random.integer(2 * padding + 1) - padding, mode);
    const columns = sources(width, random.integer(2 * padding + 1) - padding, mode);
    // The input may be what this very transform returned earlier in a chain.
    const y = spare.length === x.length && spare !== x ? spare : new Float32Array(x.length);
    spare = y;
    let at = 0;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < height; p++) {
        const row = rows[p] < 0 ? -1 : (c * height + rows[p]) * width;
        for (let q = 0; q < width; q++) y[at++] = row < 0 || columns[q] < 0 ? 0 : x[row + columns[q]];
      }
    }
    return { data: y, channels, height, width };
  };
}

/** Where each position of an axis of n pixels comes from after a shift; -1 is outside. */
function sources(n: number, shift: number, mode: CropPadding): Int32Array {
  const from = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const j = i + shift;
    if (j >= 0 && j < n) from[i] = j;
    else if (mode === 'zero') from[i] = -1;
    else if (mode === 'replicate' || n === 1) from[i] = j < 0 ? 0 : n - 1;
    else {
      const period = 2 * (n - 1);
      const k = ((j % period) + period) % period;
      from[i] = k < n ? k : period - k;
    }
  }
  return from;
}
