import type { Image } from '../image.js';

// Each function changes the image in place and returns it. Values are 0 to 1, and stay so.

/** Keeps the upper `bits` of each value's byte, the nearest one to 255 x. */
export function posterize(image: Image, bits: number): Image {
  const { data } = image;
  const mask = -(2 ** (8 - bits));
  for (let i = 0; i < data.length; i++) data[i] = (byteOf(data[i]) & mask) / 255;
  return image;
}

/** 1 - x for all values from `threshold` on. */
export function solarize(image: Image, threshold: number): Image {
  const { data } = image;
  for (let i = 0; i < data.length; i++) if (data[i] >= threshold) data[i] = 1 - data[i];
  return image;
}

/** Stretches each channel so that its darkest value is 0 and its brightest 1; one that is of one value stays. */
export function autoContrast(image: Image): Image {
  const { data, channels } = image;
  const plane = data.length / channels;
  for (let start = 0; start < data.length; start += plane) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + plane; i++) {
      if (data[i] < least) least = data[i];
      if (data[i] > most) most = data[i];
    }
    if (least === most) continue;
    const scale = 1 / (most - least);
    for (let i = start; i < start + plane; i++) data[i] = (data[i] - least) * scale;
  }
  return image;
}

/**
 * Spreads each channel's bytes, the nearest to 255 x, so that all are about equally frequent.
 *
 * Numerics: the table of the Python Imaging Library, whose step is the number of pixels, without those of the brightest byte, by
 * 255 and rounded down; where that is 0 the channel stays.
 */
export function equalize(image: Image): Image {
  const { data, channels } = image;
  const plane = data.length / channels;
  const histogram = new Int32Array(256);
  const table = new Float32Array(256);
  for (let start = 0; start < data.length; start += plane) {
    histogram.fill(0);
    for (let i = start; i < start + plane; i++) histogram[byteOf(data[i])]++;
    let brightest = 255;
    while (histogram[brightest] === 0) brightest--;
    const step = Math.floor((plane - histogram[brightest]) / 255);
    if (step === 0) continue;
    let below = Math.floor(step / 2);
    for (let byte = 0; byte < 256; byte++) {
      table[byte] = Math.min(255, Math.floor(below / step)) / 255;
      below += histogram[byte];
    }
    for (let i = start; i < start + plane; i++) data[i] = table[byteOf(data[i])];
  }
  return image;
}

/**
 * Away from a smoothed image by `factor`: 0 is smoothed, 2 is sharpened. The edge stays as it is.
 *
 * Formula: smoothed = (sum of the eight pixels around + 5 x) / 13, the filter of the Python Imaging Library.
 */
export function adjustSharpness(image: Image, factor: number): Image {
  const { data, channels, height, width } = image;
  // The rows above and at h, as they were.
  const above = new Float32Array(width);
  const row = new Float32Array(width);
  for (let c = 0; c < channels; c++) {
    const start = c * height * width;
    above.set(data.subarray(start, start + width));
    for (let h = 1; h < height - 1; h++) {
      const at = start + h * width;
      row.set(data.subarray(at, at + width));
      for (let w = 1; w < width - 1; w++) {
        const below = at + width + w;
        const around = above[w - 1] + above[w] + above[w + 1] + row[w - 1] + row[w + 1];
        const smooth = (around + data[below - 1] + data[below] + data[below + 1] + 5 * row[w]) / 13;
        data[at + w] = Math.min(1, Math.max(0, factor * row[w] + (1 - factor) * smooth));
      }
      above.set(row);
    }
  }
  return image;
}

function byteOf(value: number): number {
  return Math.min(255, Math.max(0, Math.round(255 * value)));
}
