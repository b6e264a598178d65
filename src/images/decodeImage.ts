import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { describeValue } from '../base/describeValue.js';
import { ArgumentError, FormatError, StridenetError } from '../base/errors.js';
import type { DecodedImage, ImageFormat } from './image.js';
import { upright } from './orientation.js';
import type { Raster } from './raster.js';
import { sniff } from './sniff.js';
import type { ReadOptions } from './source.js';
import { type ColorMode, channelsOf, toColors } from './toColors.js';

/** Options of `decodeImage`. */
export interface DecodeImageOptions {
  /** 'RGB', 'L' (gray) or 'RGBA'. Default 'RGB'. */
  mode?: ColorMode | undefined;
  /** The color behind transparent pixels in modes RGB and L: red, green, blue from 0 to 255. Without it alpha is dropped, as Pillow does. */
  background?: readonly [number, number, number] | undefined;
  /** Larger images are refused before anything is allocated. Default 100 million. */
  maxPixels?: number | undefined;
  /** What becomes of a file that ends early: 'throw' an error, or 'fill' what is missing with gray (JPEG) or zeros. Default 'throw'. */
  truncated?: 'throw' | 'fill' | undefined;
}

/** The names of the options of `decodeImage`. */
export const DECODE_OPTIONS = ['mode', 'background', 'maxPixels', 'truncated'];

type Read = (bytes: Uint8Array, options: ReadOptions) => Raster | Promise<Raster>;

/** A format's reader is loaded when the first file of the format comes. */
const readers: Record<ImageFormat, () => Promise<Read>> = {
  jpeg: async () => (await import('./jpeg/readJpeg.js')).readJpeg,
  png: async () => (await import('./png/readPng.js')).readPng,
  webp: async () => (await import('./webp/readWebp.js')).readWebp,
  gif: async () => (await import('./gif/readGif.js')).readGif,
  bmp: async () => (await import('./bmp/readBmp.js')).readBmp,
  tiff: async () => (await import('./tiff/readTiff.js')).readTiff,
};

/**
 * The picture in a file: JPEG, PNG, WebP, GIF, BMP or TIFF, whatever its name. The first frame of animations, the first page of TIFF.
 *
 * The pixels are upright (EXIF orientation is undone) and equal to those of Pillow's `ImageOps.exif_transpose(Image.open(f)).convert(mode)`;
 * docs/photographs.md lists the exceptions.
 *
 * Throws `FormatError` with the format and the reason for damaged files, files of other formats, and images above `maxPixels`; `ArgumentError`
 * for wrong options.
 *
 * @example
 * const { width, height, data } = await decodeImage(bytes); // data: red, green, blue, red, ...
 */
export async function decodeImage(
  bytes: Uint8Array | ArrayBuffer | Blob,
  options: DecodeImageOptions = {},
): Promise<DecodedImage> {
  checkOptions('decodeImage', options, DECODE_OPTIONS);
  const { mode = 'RGB', maxPixels = 100e6, truncated = 'throw', background } = options;
  checkArguments(mode, maxPixels, truncated, background);
  const content = await toBytes(bytes);
  const format = sniff(content);
  const read = await readers[format]();
  const raster = await reading(format, () => read(content, { maxPixels, fill: truncated === 'fill' }));
  const { orientation = 1, warnings = [], fileMode = raster.mode } = raster;
  const channels = channelsOf[mode];
  const turned = upright(toColors(raster, mode, background), raster.width, raster.height, channels, orientation);
  return { ...turned, channels, format, fileMode, orientation, warnings };
}

/** Whatever a reader stumbles over in a damaged file is an error of the file. */
async function reading(format: ImageFormat, read: () => Raster | Promise<Raster>): Promise<Raster> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof StridenetError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`decodeImage: ${format.toUpperCase()}: the file is damaged: ${reason.replace(/\.?$/, '.')}`, {
      cause,
    });
  }
}

async function toBytes(bytes: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  if (typeof Blob !== 'undefined' && bytes instanceof Blob) return new Uint8Array(await bytes.arrayBuffer());
  throw new ArgumentError(
    `decodeImage: the file is ${describeValue(bytes)}, but must be its bytes as Uint8Array, ArrayBuffer or Blob. ` +
      'readImage of stridenet/node takes a path.',
  );
}

function checkArguments(mode: string, maxPixels: number, truncated: string, background?: readonly number[]): void {
  if (!Object.hasOwn(channelsOf, mode)) {
    throw new ArgumentError(`decodeImage: mode is ${String(mode)}, but must be 'RGB', 'L' or 'RGBA'.`);
  }
  if (truncated !== 'throw' && truncated !== 'fill') {
    throw new ArgumentError(`decodeImage: truncated is ${String(truncated)}, but must be 'throw' or 'fill'.`);
  }
  if (maxPixels !== Number.POSITIVE_INFINITY) checkWhole('decodeImage', 'maxPixels', maxPixels, 1);
  const isColor = background?.length === 3 && background.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
  if (background !== undefined && !isColor) {
    throw new ArgumentError(
      `decodeImage: background is [${background}], but must be [red, green, blue], each a whole number from 0 to 255.`,
    );
  }
}
