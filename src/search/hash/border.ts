import { cropImage, type RgbImage } from '../../images/index.js';

/** Values may differ by so much within a border: compression leaves traces. */
const TOLERANCE = 12;
/** The share of a line that may be something else. */
const SPECKS = 0.01;
/** The largest share of a side that a border takes. */
const MOST = 0.25;

/** The picture without a border of one color; null where there is none. */
export function withoutBorder(image: RgbImage): RgbImage | null {
  const { width, height, data } = image;
  const channels = data.length / (width * height);
  const isPlain = (first: number, step: number, count: number): boolean => {
    let others = 0;
    for (let i = 0, at = first; i < count; i++, at += step) {
      for (let c = 0; c < channels; c++) {
        if (Math.abs(data[at + c] - data[c]) <= TOLERANCE) continue;
        others++;
        break;
      }
      if (others > SPECKS * count) return false;
    }
    return true;
  };
  const isPlainRow = (row: number): boolean => isPlain(row * width * channels, channels, width);
  const isPlainColumn = (column: number): boolean => isPlain(column * channels, width * channels, height);
  const edge = (size: number, isPlainLine: (line: number) => boolean): [number, number] => {
    let [first, end] = [0, size];
    while (first < MOST * size && isPlainLine(first)) first++;
    while (end > size - MOST * size && isPlainLine(end - 1)) end--;
    return [first, end];
  };
  const [top, bottom] = edge(height, isPlainRow);
  const [left, right] = edge(width, isPlainColumn);
  if (right - left < 16 || bottom - top < 16) return null;
  if (right - left === width && bottom - top === height) return null;
  return cropImage(image, { left, top, width: right - left, height: bottom - top });
}
