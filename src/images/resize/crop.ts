import { checkWhole } from '../../base/check.js';
import { ArgumentError } from '../../base/errors.js';
import { checkImage, type RgbImage } from '../image.js';
import { roundHalfEven } from './targetSize.js';

/** A window of an image, in whole pixels. */
export interface CropWindow {
  /** The first column, in pixels. */
  left: number;
  /** The first row, in pixels. */
  top: number;
  /** Columns, in pixels. */
  width: number;
  /** Rows, in pixels. */
  height: number;
}

/** Cuts a window out of an image. Throws `ArgumentError` when it sticks out. */
export function cropImage<T extends RgbImage>(
  image: T,
  window: CropWindow,
): T & { data: Uint8Array; channels: number } {
  const channels = checkImage('cropImage', image);
  const { left, top, width, height } = window;
  for (const [name, value] of Object.entries({ left, top })) checkWhole('cropImage', name, value, 0);
  for (const [name, value] of Object.entries({ width, height })) checkWhole('cropImage', name, value, 1);
  if (left + width > image.width || top + height > image.height) {
    throw new ArgumentError(
      `cropImage: a window of ${width} x ${height} at (${left}, ${top}) sticks out of an image of ${image.width} x ${image.height}.`,
    );
  }
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { ...image, channels, width, height, data };
}

/**
 * The middle of an image, as torchvision's CenterCrop cuts it. Halves of pixels go to the even side.
 *
 * Throws `ArgumentError` when the image is smaller than the window: resize it first.
 *
 * @example
 * const middle = centerCrop(await resizeImage(photo, { shortSide: 256 }), 224, 224);
 */
export function centerCrop<T extends RgbImage>(
  image: T,
  width: number,
  height: number,
): T & { data: Uint8Array; channels: number } {
  if (width > image.width || height > image.height) {
    throw new ArgumentError(
      `centerCrop: the image is ${image.width} x ${image.height}, smaller than ${width} x ${height}. Resize it first.`,
    );
  }
  const left = roundHalfEven((image.width - width) / 2);
  const top = roundHalfEven((image.height - height) / 2);
  return cropImage(image, { left, top, width, height });
}
