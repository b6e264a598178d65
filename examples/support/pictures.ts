import { encode } from 'fast-png';

/** An RGB picture: 3 bytes a pixel, row by row. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

export function toPng(picture: Picture): Uint8Array {
  return encode({ ...picture, channels: 3 });
}

/** A picture from planes of floats (CHW, one or three channels): `low` becomes black, `high` full brightness. */
export function pictureFrom(
  planes: ArrayLike<number>,
  [channels, height, width]: readonly number[],
  [low, high]: readonly [number, number] = [0, 1],
): Picture {
  const data = new Uint8Array(3 * height * width);
  const plane = height * width;
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) {
      const value = planes[channels === 1 ? i : c * plane + i];
      data[3 * i + c] = Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low))));
    }
  }
  return { width, height, data };
}

/** Makes each pixel a square of `factor` pixels. */
export function enlarge({ width, height, data }: Picture, factor: number): Picture {
  const large = { width: width * factor, height: height * factor, data: new Uint8Array(data.length * factor * factor) };
  for (let row = 0; row < large.height; row++) {
    for (let column = 0; column < large.width; column++) {
      const from = 3 * (Math.floor(row / factor) * width + Math.floor(column / factor));
      large.data.set(data.subarray(from, from + 3), 3 * (row * large.width + column));
    }
  }
  return large;
}

/** Pictures of one size side by side on white, `columns` in a row. */
export function sheet(pictures: readonly Picture[], columns: number, gap = 4): Picture {
  const [{ width, height }] = pictures;
  const rows = Math.ceil(pictures.length / columns);
  const w = columns * (width + gap) + gap;
  const h = rows * (height + gap) + gap;
  const data = new Uint8Array(3 * w * h).fill(255);
  pictures.forEach((picture, k) => {
    const left = gap + (k % columns) * (width + gap);
    const top = gap + Math.floor(k / columns) * (height + gap);
    for (let row = 0; row < height; row++) {
      data.set(picture.data.subarray(3 * row * width, 3 * (row + 1) * width), 3 * ((top + row) * w + left));
    }
  });
  return { width: w, height: h, data };
}

/**
 * The filters of a first layer [O, C, R, S] as small color pictures: zero is mid-gray, each filter scaled to its own largest
 * weight. Filters on other than three channels show their first.
 */
export function filterPictures({ shape, data }: { shape: readonly number[]; data: ArrayLike<number> }): Picture[] {
  const [filters, channels, height, width] = shape;
  const size = channels * height * width;
  return Array.from({ length: filters }, (_, o) => {
    const weights = Array.from({ length: size }, (_, i) => data[o * size + i]);
    const largest = Math.max(...weights.map(Math.abs), 1e-12);
    const shown = channels === 3 ? 3 : 1;
    return pictureFrom(weights, [shown, height, width], [-largest, largest]);
  });
}
