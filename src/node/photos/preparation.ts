import type { RandomStream } from '../../base/random.js';
import type { Interval } from '../../data/transforms/interval.js';
import { randomBox } from '../../data/transforms/randomBox.js';
import { type DecodeImageOptions, decodeImage } from '../../images/decodeImage.js';
import { centerCrop, cropImage } from '../../images/resize/crop.js';
import type { ResizeFilter } from '../../images/resize/filters.js';
import { resizeImage } from '../../images/resize/resizeImage.js';

/** How photographs are changed at random, from their bytes: as torchvision's RandomResizedCrop and RandomHorizontalFlip do. */
export interface PhotoAugmentation {
  /** The share of the photograph's area that the part has. */
  scale: Interval;
  /** Width by height of the part. */
  ratio: Interval;
  /** The probability of a mirrored image. */
  flip: number;
}

/** What becomes of the bytes of a file until they are an image of a data set: values that can be sent to a thread. */
export interface PhotoPreparation {
  decode: DecodeImageOptions & { mode: 'RGB' | 'L' };
  filter: ResizeFilter;
  /** The whole photograph is scaled so that its shorter side has so many pixels; null: it stays as it is. */
  shortSide: number | null;
  /** [height, width] of the result. */
  size: readonly [number, number];
  /** What is done when the photograph does not have the shape of the result: its middle is cut out, or it is stretched. */
  fit: 'crop' | 'stretch';
  augment: PhotoAugmentation | null;
}

/** Pixels as bytes, row by row, color by color within a pixel. */
export interface PhotoPixels {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

/** The first part, without chance: the photograph, upright, its shorter side scaled. A cache keeps its result. */
export async function scaledPhoto(bytes: Uint8Array, preparation: PhotoPreparation): Promise<PhotoPixels> {
  const { width, height, channels, data } = await decodeImage(bytes, preparation.decode);
  return shortSideScaled({ width, height, channels, data }, preparation);
}

/** The photograph, its shorter side scaled if the preparation says so. */
export async function shortSideScaled(
  photo: PhotoPixels,
  { shortSide, filter }: PhotoPreparation,
): Promise<PhotoPixels> {
  if (shortSide === null) return photo;
  return pixelsOf(await resizeImage(photo, { shortSide, filter }), photo.channels);
}

/** The second part: the middle, or with `random` a part at random, of the size that was asked for, color by color (CHW). */
export async function finishedPhoto(
  photo: PhotoPixels,
  preparation: PhotoPreparation,
  random: RandomStream | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const { augment } = preparation;
  if (augment === null || random === null) return toChw(await middleOf(photo, preparation), false);
  const part = cropImage(photo, randomBox(photo, augment.scale, augment.ratio, random));
  const isFlipped = random.uniform() < augment.flip;
  return toChw(await scaledTo(part, preparation), isFlipped);
}

async function middleOf(photo: PhotoPixels, preparation: PhotoPreparation): Promise<PhotoPixels> {
  const { size, shortSide, fit, filter } = preparation;
  const [height, width] = size;
  if (fit === 'stretch') return scaledTo(photo, preparation);
  if (shortSide !== null && photo.width >= width && photo.height >= height) {
    return pixelsOf(centerCrop(photo, width, height), photo.channels);
  }
  return pixelsOf(await resizeImage(photo, { width, height, mode: 'crop', filter }), photo.channels);
}

async function scaledTo(photo: PhotoPixels, { size: [height, width], filter }: PhotoPreparation): Promise<PhotoPixels> {
  if (photo.width === width && photo.height === height) return photo;
  return pixelsOf(await resizeImage(photo, { width, height, filter }), photo.channels);
}

function pixelsOf(image: { width: number; height: number; data: Uint8Array }, channels: number): PhotoPixels {
  const { width, height, data } = image;
  return { width, height, channels, data };
}

/** Color by color, mirrored left and right if asked. */
function toChw({ width, height, channels, data }: PhotoPixels, isFlipped: boolean): Uint8Array<ArrayBuffer> {
  const y = new Uint8Array(data.length);
  const step = isFlipped ? -channels : channels;
  for (let c = 0, to = 0; c < channels; c++) {
    for (let row = 0; row < height; row++) {
      let from = (row * width + (isFlipped ? width - 1 : 0)) * channels + c;
      for (let column = 0; column < width; column++, from += step) y[to++] = data[from];
    }
  }
  return y;
}
