import type { Box } from './box.js';

/** The input pixel of each output pixel of one axis; steps add up in doubles as Pillow's do. */
function positions(from: number, to: number, size: number, inputSize: number): Int32Array {
  const step = Math.fround(to - from) / size;
  const found = new Int32Array(size);
  let x = from + step * 0.5;
  for (let i = 0; i < size; i++, x += step) found[i] = x < inputSize ? Math.trunc(x) : -1;
  return found;
}

/** Copies the pixel under each output pixel's middle. */
export function resampleNearest(
  image: { data: Uint8Array | Uint8ClampedArray; width: number; height: number },
  channels: number,
  width: number,
  height: number,
  box: Box,
): Uint8Array {
  const columns = positions(box[0], box[2], width, image.width);
  const rows = positions(box[1], box[3], height, image.height);
  const y = new Uint8Array(width * height * channels);
  let at = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++, at += channels) {
      if (rows[i] < 0 || columns[j] < 0) continue;
      const from = (rows[i] * image.width + columns[j]) * channels;
      for (let c = 0; c < channels; c++) y[at + c] = image.data[from + c];
    }
  }
  return y;
}
