import { type Taps, WEIGHT_BITS } from './taps.js';

const HALF = 1 << (WEIGHT_BITS - 1);

/** Bytes as they lie in rows of `width` pixels. */
export interface Rows {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
}

/** Resamples `rows` rows, from row `begin` on, along the width. Sums are whole numbers, rounded once and clamped to a byte. */
export function resampleWidth(input: Rows, channels: number, begin: number, rows: number, taps: Taps): Uint8Array {
  const { first, count, weights, stride } = taps;
  const width = first.length;
  const y = new Uint8ClampedArray(rows * width * channels);
  const x = input.data;
  for (let row = 0; row < rows; row++) {
    const start = (begin + row) * input.width * channels;
    let at = row * width * channels;
    for (let i = 0; i < width; i++) {
      let k = i * stride;
      const last = k + count[i];
      let from = start + first[i] * channels;
      if (channels === 3) {
        let r = HALF;
        let g = HALF;
        let b = HALF;
        for (; k < last; k++, from += 3) {
          const w = weights[k];
          r = (r + Math.imul(x[from], w)) | 0;
          g = (g + Math.imul(x[from + 1], w)) | 0;
          b = (b + Math.imul(x[from + 2], w)) | 0;
        }
        y[at++] = r >> WEIGHT_BITS;
        y[at++] = g >> WEIGHT_BITS;
        y[at++] = b >> WEIGHT_BITS;
        continue;
      }
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let tap = k, pixel = from + c; tap < last; tap++, pixel += channels) {
          sum = (sum + Math.imul(x[pixel], weights[tap])) | 0;
        }
        y[at++] = sum >> WEIGHT_BITS;
      }
    }
  }
  return new Uint8Array(y.buffer);
}

/** Resamples along the height; `begin` is the row of the image that the first row of `data` holds. */
export function resampleHeight(
  data: Uint8Array | Uint8ClampedArray,
  rowLength: number,
  begin: number,
  taps: Taps,
): Uint8Array {
  const { first, count, weights, stride } = taps;
  const height = first.length;
  const y = new Uint8ClampedArray(height * rowLength);
  const sums = new Int32Array(rowLength);
  for (let i = 0; i < height; i++) {
    sums.fill(HALF);
    for (let k = 0; k < count[i]; k++) {
      const w = weights[i * stride + k];
      const from = (first[i] - begin + k) * rowLength;
      for (let j = 0; j < rowLength; j++) sums[j] = (sums[j] + Math.imul(data[from + j], w)) | 0;
    }
    const at = i * rowLength;
    for (let j = 0; j < rowLength; j++) y[at + j] = sums[j] >> WEIGHT_BITS;
  }
  return new Uint8Array(y.buffer);
}
