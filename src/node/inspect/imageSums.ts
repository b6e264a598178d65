import { DataError } from '../../base/errors.js';
import type { MeanStd } from '../../data/transforms/index.js';

/** What many images of one size have in common, pixel by pixel: sums of bytes, exact up to 2^53. */
export class ImageSums {
  count = 0;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #least: Uint8Array;
  readonly #most: Uint8Array;

  /** `length` values [C, H, W] per image. */
  constructor(
    readonly channels: number,
    readonly height: number,
    readonly width: number,
  ) {
    const length = channels * height * width;
    this.#sums = new Float64Array(length);
    this.#squares = new Float64Array(length);
    this.#least = new Uint8Array(length).fill(255);
    this.#most = new Uint8Array(length);
  }

  add(image: Uint8Array): void {
    const [sums, squares, least, most] = [this.#sums, this.#squares, this.#least, this.#most];
    for (let i = 0; i < sums.length; i++) {
      const x = image[i];
      sums[i] += x;
      squares[i] += x * x;
      if (x < least[i]) least[i] = x;
      if (x > most[i]) most[i] = x;
    }
    this.count++;
  }

  /** Mean and standard deviation of each channel, on the scale 0 to 1: what `normalize` wants. A constant channel gets the std 1. */
  channelMeanStd(): MeanStd {
    if (this.count === 0) throw new DataError('No photograph could be read, so there is no mean.');
    const plane = this.height * this.width;
    const [mean, std]: [number[], number[]] = [[], []];
    for (let c = 0; c < this.channels; c++) {
      let [sum, square] = [0, 0];
      for (let i = c * plane; i < (c + 1) * plane; i++) {
        sum += this.#sums[i];
        square += this.#squares[i];
      }
      const n = plane * this.count;
      const average = sum / n;
      const variance = square / n - average ** 2;
      mean.push(average / 255);
      std.push(variance > 1e-9 ? Math.sqrt(variance) / 255 : 1);
    }
    return { mean, std };
  }

  /** One image of all: the mean, the standard deviation (twice as bright, to be seen), the least or the most of each pixel. HWC. */
  reduced(by: 'mean' | 'deviation' | 'minimum' | 'maximum'): { width: number; height: number; data: Uint8Array } {
    const { channels, height, width, count } = this;
    const plane = height * width;
    const data = new Uint8Array(plane * channels);
    for (let c = 0, i = 0; c < channels; c++) {
      for (let p = 0; p < plane; p++, i++) {
        const mean = this.#sums[i] / count;
        const values = {
          mean,
          deviation: 2 * Math.sqrt(Math.max(0, this.#squares[i] / count - mean * mean)),
          minimum: this.#least[i],
          maximum: this.#most[i],
        };
        data[p * channels + c] = Math.min(255, Math.round(values[by]));
      }
    }
    return { width, height, data };
  }
}

/** The luma of an RGB image (ITU-R 601): one channel. */
export function grayscale(image: { width: number; height: number; data: Uint8Array }): {
  width: number;
  height: number;
  data: Uint8Array;
} {
  const { width, height, data } = image;
  if (data.length === width * height) return image;
  const gray = Uint8Array.from({ length: width * height }, (_, p) => {
    return Math.round(0.299 * data[3 * p] + 0.587 * data[3 * p + 1] + 0.114 * data[3 * p + 2]);
  });
  return { width, height, data: gray };
}
