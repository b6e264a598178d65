import { ArgumentError } from '../../base/errors.js';
import type { Image } from '../image.js';
import { type CropPadding, checkPadding, pixelAt } from './edges.js';
import { Spare } from './spare.js';
import { described, type Transform } from './transform.js';

/**
 * Pads each side by `padding` pixels and cuts out a window of the image's own size at a random place: shifts by up to
 * `padding` pixels each way, every shift equally likely.
 *
 * Source: He et al. 2015 (arXiv:1512.03385), section 4.2, with 4 pixels of zeros.
 */
export function randomCrop(padding: number, mode: CropPadding = 'zero'): Transform {
  return shifts('randomCrop', 'padding', padding, mode);
}

/**
 * Moves the image by up to `pixels` each way, every move equally likely; what moves in is its mirror. The same as
 * `randomCrop(pixels, mode)`, under the name and with the padding that today's CIFAR-10 recipes use.
 *
 * Source: Jordan 2024 (arXiv:2404.00498), section 3.1, with 2 pixels.
 */
export function translate(pixels: number, mode: CropPadding = 'reflect'): Transform {
  return shifts('translate', 'pixels', pixels, mode);
}

function shifts(name: string, option: string, reach: number, mode: CropPadding): Transform {
  if (!Number.isInteger(reach) || reach < 0) {
    throw new ArgumentError(`${name}: ${option} is ${reach}, but must be a whole number >= 0.`);
  }
  checkPadding(name, 'mode', mode);
  const spare = new Spare();
  return described(name, [reach, mode], (image, random) => {
    const down = random.integer(2 * reach + 1) - reach;
    const right = random.integer(2 * reach + 1) - reach;
    return shift(image, down, right, mode, spare);
  });
}

/** y[p, q] = x[p + down, q + right], in memory of `spare`. */
function shift(image: Image, down: number, right: number, mode: CropPadding, spare: Spare): Image {
  const { data: x, channels, height, width } = image;
  const rows = sources(height, down, mode);
  const columns = sources(width, right, mode);
  const y = spare.beside(x);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < height; p++) {
      const row = rows[p] < 0 ? -1 : (c * height + rows[p]) * width;
      for (let q = 0; q < width; q++) y[at++] = row < 0 || columns[q] < 0 ? 0 : x[row + columns[q]];
    }
  }
  return { data: y, channels, height, width };
}

/** Where each position of an axis of n pixels comes from after a shift; -1 is outside. */
function sources(n: number, shift: number, mode: CropPadding): Int32Array {
  const from = new Int32Array(n);
  for (let i = 0; i < n; i++) from[i] = pixelAt(i + shift, n, mode);
  return from;
}
