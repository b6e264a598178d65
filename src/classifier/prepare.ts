import { resizeImage } from '../images/index.js';
import type { PhotoView } from './photoViews.js';
import type { Picture } from './picture.js';
import type { Preprocessing } from './preprocessing.js';

/**
 * The input of a network for each view of a picture.
 *
 * Shapes: a picture [H, W, 3] -> for each view [C, height, width].
 *
 * Numerics: bytes become floats as in torchvision, `ToTensor` and then `Normalize`: each of the three steps is rounded to float32.
 */
export async function prepare(
  picture: Picture,
  how: Preprocessing,
  views: readonly PhotoView[],
): Promise<Float32Array[]> {
  const scaled = new Map<number, Promise<Picture>>();
  const inputs: Float32Array[] = [];
  for (const view of views) {
    const zoom = how.fit === 'crop' ? (view.zoom ?? 1) : 1;
    let base = scaled.get(zoom);
    if (base === undefined) scaled.set(zoom, (base = scaledTo(picture, how, zoom)));
    inputs.push(cutOut(await base, how, view));
  }
  return inputs;
}

/** A rectangle in pixels of a photograph, in fractions of them. */
export interface Place {
  /** The left edge; below 0 where the input is padded. */
  readonly x: number;
  /** The upper edge. */
  readonly y: number;
  /** From left to right. */
  readonly width: number;
  /** From top to bottom. */
  readonly height: number;
}

/** The part of a picture that its input shows, without a view of its own. */
export function placeOfInput(picture: { readonly width: number; readonly height: number }, how: Preprocessing): Place {
  const [tall, wide] = how.fit === 'stretch' ? how.size : scaledSize(picture, how, 1);
  const [height, width] = how.size;
  const [down, across] = [picture.height / tall, picture.width / wide];
  return {
    x: across * roundHalfToEven((wide - width) / 2),
    y: down * roundHalfToEven((tall - height) / 2),
    width: across * width,
    height: down * height,
  };
}

async function scaledTo(picture: Picture, how: Preprocessing, zoom: number): Promise<Picture> {
  const [height, width] = how.fit === 'stretch' ? how.size : scaledSize(picture, how, zoom);
  if (height === picture.height && width === picture.width) return picture;
  return resizeImage(picture, { width, height, filter: how.filter });
}

/** As torchvision has it: the side that decides gets its size, the other one is rounded down. */
function scaledSize(
  picture: Pick<Picture, 'width' | 'height'>,
  { size, fit, shortSide }: Preprocessing,
  zoom: number,
): [number, number] {
  const { height: h, width: w } = picture;
  const [height, width] = size;
  if (fit === 'pad') {
    const ratio = Math.min(height / h, width / w);
    return [Math.max(1, Math.min(height, Math.round(h * ratio))), Math.max(1, Math.min(width, Math.round(w * ratio)))];
  }
  // How much larger than the crop the picture becomes.
  const room = (shortSide * zoom) / Math.min(height, width);
  const [tall, wide] = [Math.max(height, Math.round(height * room)), Math.max(width, Math.round(width * room))];
  return h * wide < w * tall
    ? [tall, Math.max(wide, Math.floor((tall * w) / h))]
    : [Math.max(tall, Math.floor((wide * h) / w)), wide];
}

function cutOut(
  picture: Picture,
  how: Preprocessing,
  { x: px = 0.5, y: py = 0.5, mirror = false }: PhotoView,
): Float32Array {
  const [height, width] = how.size;
  const { data, width: stride } = picture;
  const order = how.colorOrder;
  const channels = order === 'L' ? 1 : 3;
  const out = new Float32Array(channels * height * width);
  // Where the picture is smaller than the input ('pad'), the offsets are negative and the rest stays 0, the mean.
  const top = roundHalfToEven((picture.height - height) * py);
  const left = roundHalfToEven((picture.width - width) * px);
  const tables = Array.from({ length: channels }, (_, c) => tableOf(how.mean[c], how.std[c]));
  const [from, to] = [Math.max(0, -left), Math.min(width, picture.width - left)];
  for (let c = 0; c < channels; c++) {
    const table = tables[c];
    const source = order === 'BGR' ? 2 - c : c;
    for (let row = Math.max(0, -top); row < Math.min(height, picture.height - top); row++) {
      const line = ((top + row) * stride + left) * 3;
      const target = (c * height + row) * width;
      for (let i = from; i < to; i++) {
        const at = line + 3 * i;
        const byte = order === 'L' ? gray(data[at], data[at + 1], data[at + 2]) : data[at + source];
        out[target + (mirror ? width - 1 - i : i)] = table[byte];
      }
    }
  }
  return out;
}

/** Pillow's luma of ITU-R 601-2, in its integers. */
function gray(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
}

const round = Math.fround;

function tableOf(mean: number, std: number): Float32Array {
  const [m, s] = [round(mean), round(std)];
  return Float32Array.from({ length: 256 }, (_, byte) => round(round(byte / 255) - m) / s);
}

/** Python's `round`, which torchvision's center crop uses. */
function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}
