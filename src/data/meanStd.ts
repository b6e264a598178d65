import { DataError } from '../base/errors.js';
import type { Dataset } from './dataset.js';
import { everyImage } from './epochImages.js';
import type { MeanStd } from './transforms/index.js';

/**
 * Mean and standard deviation of each channel over all images, on the scale 0 to 1: what `normalize` wants.
 *
 * Throws `DataError` for an empty data set.
 *
 * Numerics: bytes are counted in a histogram and summed exactly; floats are summed in doubles around the first pixel of
 * their channel, so that a large mean does not swallow a small deviation. A constant channel gets the std 1.
 *
 * @example
 * const loader = new DataLoader(train, { batchSize: 128, normalize: measureMeanStd(train) });
 */
export function measureMeanStd(dataset: Dataset): MeanStd {
  const [channels, height, width] = dataset.shape;
  const plane = height * width;
  if (dataset.length * plane === 0) throw new DataError('measureMeanStd: the data set is empty.');
  const counts = new Float64Array(channels * 256);
  const shift = new Float64Array(channels);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let floats = 0;
  let images = 0;
  for (const { image } of everyImage('measureMeanStd', dataset)) {
    images++;
    if (image instanceof Uint8Array) {
      countBytes(counts, image, channels, plane);
      continue;
    }
    if (floats++ === 0) for (let c = 0; c < channels; c++) shift[c] = image[c * plane];
    sumFloats(sums, squares, image, shift, channels, plane);
  }
  if (images === 0) throw new DataError('measureMeanStd: no image of the data set can be read.');
  const bytes = (images - floats) * plane;
  const mean: number[] = [];
  const std: number[] = [];
  for (let c = 0; c < channels; c++) {
    let sum = sums[c];
    let square = squares[c];
    if (bytes > 0) {
      for (let k = 0; k < 256; k++) {
        const d = k / 255 - shift[c];
        sum += counts[c * 256 + k] * d;
        square += counts[c * 256 + k] * d * d;
      }
    }
    const n = images * plane;
    const variance = square / n - (sum / n) ** 2;
    mean.push(shift[c] + sum / n);
    std.push(variance > 1e-12 ? Math.sqrt(variance) : 1);
  }
  return { mean, std };
}

function countBytes(counts: Float64Array, image: Uint8Array, channels: number, plane: number): void {
  for (let c = 0; c < channels; c++) {
    const end = (c + 1) * plane;
    for (let i = c * plane; i < end; i++) counts[c * 256 + image[i]]++;
  }
}

function sumFloats(
  sums: Float64Array,
  squares: Float64Array,
  image: Float32Array,
  shift: Float64Array,
  channels: number,
  plane: number,
): void {
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    let square = 0;
    const end = (c + 1) * plane;
    for (let i = c * plane; i < end; i++) {
      const d = image[i] - shift[c];
      sum += d;
      square += d * d;
    }
    sums[c] += sum;
    squares[c] += square;
  }
}
