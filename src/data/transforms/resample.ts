import type { Image } from '../image.js';
import { Spare } from './spare.js';

/** A part of an image, in pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What each position of an axis is made of: `count` pixels from `first` on, with their weights, which add up to 1. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: readonly Float32Array[];
}

/** Scales parts of images; keeps its memory from one image to the next. */
export class Resampler {
  readonly #rows = new Spare();
  readonly #result = new Spare();

  /**
   * The part `box` of an image, scaled to `height` x `width`: along each axis a triangle as wide as two pixels of the result, or of the
   * image where that is larger (or `antialias` is off). What lies outside of the box has no part in it.
   */
  scale(image: Image, box: Box, height: number, width: number, antialias: boolean): Image {
    const { data: x, channels } = image;
    const down = tapsOf(box.height, height, antialias);
    const across = tapsOf(box.width, width, antialias);
    // (1) each row that is needed, scaled along its length, (2) columns of those.
    const rows = this.#rows.beside(x, channels * box.height * width);
    for (let line = 0, to = 0; line < channels * box.height; line++) {
      const c = Math.floor(line / box.height);
      const from = (c * image.height + box.top + line - c * box.height) * image.width + box.left;
      for (let q = 0; q < width; q++) rows[to++] = sum(x, from + across.first[q], 1, across.weights[q]);
    }
    const y = this.#result.beside(x, channels * height * width);
    let to = 0;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < height; p++) {
        const from = (c * box.height + down.first[p]) * width;
        for (let q = 0; q < width; q++) y[to++] = sum(rows, from + q, width, down.weights[p]);
      }
    }
    return { data: y, channels, height, width };
  }
}

function sum(x: Float32Array, from: number, step: number, weights: Float32Array): number {
  let total = 0;
  for (let k = 0, at = from; k < weights.length; k++, at += step) total += weights[k] * x[at];
  return total;
}

/** The triangle filter; pixel j has its center at j + 1/2. */
function tapsOf(size: number, outSize: number, antialias: boolean): Taps {
  const scale = size / outSize;
  const reach = antialias ? Math.max(1, scale) : 1;
  const first = new Int32Array(outSize);
  const weights = Array.from({ length: outSize }, (_, i) => {
    const center = (i + 0.5) * scale;
    const begin = Math.max(0, Math.floor(center - reach + 0.5));
    const end = Math.min(size, Math.max(begin + 1, Math.floor(center + reach + 0.5)));
    first[i] = begin;
    const raw = Float64Array.from({ length: end - begin }, (_, k) => {
      return Math.max(0, 1 - Math.abs(begin + k + 0.5 - center) / reach);
    });
    const total = raw.reduce((a, b) => a + b, 0);
    return Float32Array.from(raw, (w) => w / total);
  });
  return { first, weights };
}
