import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { writeText } from '../images/draw/smallText.js';
import { encodePng, type RgbImage, resizeImage } from '../images/index.js';
import { type ColorMapName, colorOf } from './colorMap.js';
import type { Heatmap } from './heatmap.js';

/** Options of `drawOverlay`. */
export interface OverlayOptions {
  /** What is written below the picture. Default: nothing. */
  title?: string | undefined;
  /** How much of the photograph is hidden where the map counts most, 0 to 1. Default 0.75. */
  opacity?: number | undefined;
  /** Pixels across the drawing. Default 448. */
  width?: number | undefined;
}

const [EDGE, BAR] = [12, 14];

/**
 * A photograph with a map over it and a legend of its colors below, as a PNG file. Maps without values below 0 are drawn from dark to bright, and let the
 * photograph shine through where they are small; others from blue (against the class) to red (for it).
 *
 * Throws `ArgumentError` for options out of range.
 *
 * @example
 * await writeFile('why.png', await drawOverlay(photo, map, { title: 'daisy 0.93' }));
 */
export async function drawOverlay(photo: RgbImage, map: Heatmap, options: OverlayOptions = {}): Promise<Uint8Array> {
  return encodePng(await overlayPicture(photo, map, options));
}

/** The pixels of `drawOverlay`. */
export async function overlayPicture(
  photo: RgbImage,
  map: Heatmap,
  options: OverlayOptions = {},
): Promise<{ width: number; height: number; data: Uint8Array }> {
  checkOptions('drawOverlay', options, ['title', 'opacity', 'width']);
  const { title = '', opacity = 0.75, width = 448 } = options;
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new ArgumentError(`drawOverlay: opacity is ${opacity}, but must lie between 0 and 1.`);
  }
  if (!(Number.isInteger(width) && width >= 64 && width <= 8192)) {
    throw new ArgumentError(`drawOverlay: width is ${width}, but must be a whole number from 64 to 8192.`);
  }
  const height = Math.max(1, Math.round((width * photo.height) / photo.width));
  const { data: pixels } = await resizeImage(photo, { width, height, filter: 'bicubic' });
  const [least, most] = extremes(map.data);
  const isSigned = least < 0;
  // Few pixels of a gradient stand out by far: the others would all be black beside them.
  const limit = strength(map.data);
  const scale = limit > 0 ? 1 / limit : 0;
  const colors: ColorMapName = isSigned ? 'balance' : 'inferno';
  const legend = 3 * EDGE + BAR + (title === '' ? 12 : 30);
  const out = { width, height: height + legend, data: new Uint8Array(3 * width * (height + legend)).fill(255) };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = valueAt(map, (x + 0.5) / width, (y + 0.5) / height) * scale;
      const color = colorOf(colors, isSigned ? 0.5 + 0.5 * value : value);
      const share = opacity * Math.min(1, Math.abs(value) ** 0.7 + (isSigned ? 0 : 0.15));
      for (let c = 0; c < 3; c++) {
        const at = 3 * (y * width + x) + c;
        out.data[at] = Math.round((1 - share) * pixels[at] + share * color[c]);
      }
    }
  }
  drawLegend(out, height, { title, colors, isSigned, limit, most });
  return out;
}

function drawLegend(
  out: { width: number; height: number; data: Uint8Array },
  top: number,
  legend: { title: string; colors: ColorMapName; isSigned: boolean; limit: number; most: number },
): void {
  const { title, colors, isSigned, limit, most } = legend;
  const begin = top + EDGE;
  for (let x = EDGE; x < out.width - EDGE; x++) {
    const color = colorOf(colors, (x - EDGE) / (out.width - 2 * EDGE - 1));
    for (let y = begin; y < begin + BAR; y++) out.data.set(color, 3 * (y * out.width + x));
  }
  const text = { scale: 2, color: [40, 40, 40] as const };
  const write = (words: string, left: number): void =>
    writeText(out, words, { ...text, left, top: begin + BAR + 6, color: [40, 40, 40] });
  const number = (value: number): string => (value === 0 ? '0' : value.toPrecision(2));
  const right = isSigned || most <= limit ? `${isSigned ? 'for ' : ''}${number(limit)}` : `${number(limit)} and more`;
  write(isSigned ? `against ${number(-limit)}` : '0', EDGE);
  if (isSigned) write('0', Math.round(out.width / 2) - 4);
  write(right, out.width - EDGE - 8 * right.length);
  if (title !== '') writeText(out, title, { left: EDGE, top: begin + BAR + 26, scale: 2, color: [0, 0, 0] });
}

/** The value that one of 200 pixels exceeds in size. */
function strength(data: Float32Array): number {
  const sizes = Float32Array.from(data, Math.abs).sort();
  return sizes[Math.min(sizes.length - 1, Math.floor(0.995 * sizes.length))] || sizes[sizes.length - 1];
}

function extremes(data: Float32Array): [number, number] {
  return data.reduce<[number, number]>(([least, most], v) => [Math.min(least, v), Math.max(most, v)], [0, 0]);
}

/** The value at a place from 0 to 1, by straight lines between pixels. */
function valueAt({ width, height, data }: Heatmap, u: number, v: number): number {
  const x = Math.max(0, Math.min(width - 1, u * width - 0.5));
  const y = Math.max(0, Math.min(height - 1, v * height - 0.5));
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const [a, b] = [x - left, y - top];
  const upper = data[top * width + left] * (1 - a) + data[top * width + right] * a;
  const lower = data[bottom * width + left] * (1 - a) + data[bottom * width + right] * a;
  return upper * (1 - b) + lower * b;
}
