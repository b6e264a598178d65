import { ArgumentError } from '../../tensor/errors.js';
import type { Image } from '../image.js';
import { described, type Transform } from './transform.js';

/** What lies around an image: black, its mirror without the edge pixel (c b | a b c), or its edge pixel (a a | a b c). */
export type CropPadding = 'zero' | 'reflect' | 'replicate';

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
  if (mode !== 'zero' && mode !== 'reflect' && mode !== 'replicate') {
    throw new ArgumentError(`${name}: mode is '${mode}', but must be one of 'zero', 'reflect', 'replicate'.`);
  }
  const spare = { data: new Float32Array(0) };
  return described(name, [reach, mode], (image, random) => {
    const down = random.integer(2 * reach + 1) - reach;
    const right = random.integer(2 * reach + 1) - reach;
    return shift(image, down, right, mode, spare);
  });
}

/** y[p, q] = x[p + down, q + right], in memory of `spare`. */
function shift(
  image: Image,
  down: number,
  right: number,
  mode: CropPadding,
  spare: { data: Float32Array<ArrayBuffer> },
): Image {
  const { data: x, channels, height, width } = image;
  const rows = sources(height, down, mode);
  const columns = sources(width, right, mode);
  // The input may be what this very transform returned earlier in a chain.
  const y = spare.data.length === x.length && spare.data !== x ? spare.data : new Float32Array(x.length);
  spare.data = y;
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
