import { describeValue } from '../base/describeValue.js';
import { ArgumentError, ShapeError } from '../base/errors.js';

/** The file formats that `decodeImage` reads. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'tiff';

/** Pixels as bytes, color by color within each pixel, row by row (HWC): L has 1 channel, RGB 3 and RGBA 4. */
export interface RgbImage {
  /** Columns, in pixels. */
  width: number;
  /** Rows, in pixels. */
  height: number;
  /** 1, 3 or 4; data.length / (width * height) where absent. */
  channels?: number | undefined;
  /** Value c of pixel (row, column) is data[(row * width + column) * channels + c]. */
  data: Uint8Array | Uint8ClampedArray;
}

/** What `decodeImage` makes of a file. */
export interface DecodedImage extends RgbImage {
  channels: number;
  data: Uint8Array;
  /** The format of the file, told from its content. */
  format: ImageFormat;
  /** What the file holds, in Pillow's words: '1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'CMYK', 'I', 'F' and the like. */
  fileMode: string;
  /** The EXIF orientation, 1 to 8, that was undone: the pixels are upright. */
  orientation: number;
  /** What is wrong with the file though its picture could be read; empty for sound files. */
  warnings: string[];
}

/** The channels of an image. Throws `ShapeError` when the data does not fill it. */
export function checkImage(op: string, image: RgbImage): number {
  const { width, height, data } = image;
  if (typeof data !== 'object' || data === null || !ArrayBuffer.isView(data) || data.BYTES_PER_ELEMENT !== 1) {
    throw new ArgumentError(`${op}: image.data is ${describeValue(data)}, but must be a Uint8Array of pixels (HWC).`);
  }
  const channels = image.channels ?? data.length / (width * height);
  if (![1, 3, 4].includes(channels) || data.length !== width * height * channels) {
    throw new ShapeError(
      `${op}: ${data.length} bytes do not fill an image of ${width} x ${height}. Pass 1 (L), 3 (RGB) or 4 (RGBA) bytes per pixel.`,
    );
  }
  return channels;
}
